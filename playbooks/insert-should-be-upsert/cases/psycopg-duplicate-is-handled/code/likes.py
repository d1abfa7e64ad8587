import psycopg
from psycopg import errors


def like(conn: psycopg.Connection, post_id: int, account_id: str) -> None:
    with conn.cursor() as cur:
        cur.execute(
            "SELECT 1 FROM likes WHERE post_id = %s AND account_id = %s", (post_id, account_id)
        )
        if cur.fetchone():
            return
        try:
            cur.execute(
                "INSERT INTO likes (post_id, account_id) VALUES (%s, %s)", (post_id, account_id)
            )
        except errors.UniqueViolation:
            conn.rollback()
            return
    conn.commit()
