import os

from supabase import create_client

supabase = create_client(os.environ["SUPABASE_URL"], os.environ["SUPABASE_KEY"])


def get_or_create_tag(name: str) -> dict:
    found = supabase.table("tags").select("id, name").eq("name", name).execute()
    if found.data:
        return found.data[0]

    made = supabase.table("tags").insert({"name": name}).execute()
    return made.data[0]
