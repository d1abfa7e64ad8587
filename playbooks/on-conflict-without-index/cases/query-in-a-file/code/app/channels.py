import aiosql

queries = aiosql.from_path("app/queries", "psycopg")


def set_main(conn, contact_id: int, kind: str, value: str) -> None:
    queries.set_main_channel(conn, contact_id=contact_id, kind=kind, value=value)
