import psycopg
from fastapi import HTTPException


def like_once(conn: psycopg.Connection, post_id: int, account_id: str) -> None:
    found = conn.execute(
        "SELECT 1 FROM likes WHERE post_id = %s AND account_id = %s", (post_id, account_id)
    ).fetchone()
    if found is not None:
        raise HTTPException(status_code=409, detail="liked before")
    conn.execute("INSERT INTO likes (post_id, account_id) VALUES (%s, %s)", (post_id, account_id))
    conn.commit()


def like_or_say(conn: psycopg.Connection, post_id: int, account_id: str) -> tuple[dict[str, str], int]:
    found = conn.execute(
        "SELECT 1 FROM likes WHERE post_id = %s AND account_id = %s", (post_id, account_id)
    ).fetchone()
    if found:
        return {"message": "liked before"}, 409
    conn.execute("INSERT INTO likes (post_id, account_id) VALUES (%s, %s)", (post_id, account_id))
    conn.commit()
    return {"message": "liked"}, 201
