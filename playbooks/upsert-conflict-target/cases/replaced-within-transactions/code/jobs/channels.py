import asyncpg
import psycopg


def save(conn, account_id, kind, address):
    with conn.cursor() as cur:
        cur.execute("DELETE FROM channels WHERE account_id = %s AND kind = %s", (account_id, kind))
        cur.execute("INSERT INTO channels (account_id, kind, address) VALUES (%s, %s, %s)", (account_id, kind, address))
    conn.commit()
