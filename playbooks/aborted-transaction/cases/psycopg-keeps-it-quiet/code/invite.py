import psycopg
from psycopg.errors import UniqueViolation


def invite(dsn: str, event_id: int, emails: list[str]) -> None:
    with psycopg.connect(dsn) as conn:
        sent = 0
        for email in emails:
            try:
                conn.execute(
                    "INSERT INTO guests (event_id, email) VALUES (%s, %s)", (event_id, email)
                )
                sent += 1
            except UniqueViolation:
                pass
        conn.execute("INSERT INTO invitations (event_id, sent) VALUES (%s, %s)", (event_id, sent))
