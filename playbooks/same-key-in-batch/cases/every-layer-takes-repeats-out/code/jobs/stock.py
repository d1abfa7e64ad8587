from psycopg2.extras import execute_values
from supabase import create_client

sb = create_client(URL, KEY)

UPSERT = "INSERT INTO stock (sku, amount) VALUES %s ON CONFLICT (sku) DO UPDATE SET amount = EXCLUDED.amount"


def load(cur, rows):
    latest = {row["sku"]: row for row in rows}
    execute_values(cur, UPSERT, [(row["sku"], row["amount"]) for row in latest.values()])


def push(frame):
    once = frame.drop_duplicates(subset=["sku"], keep="last")
    sb.table("stock").upsert(once.to_dict("records"), on_conflict="sku").execute()
