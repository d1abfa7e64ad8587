import psycopg


def record(dsn, store_id, region, amount):
    with psycopg.connect(dsn) as conn:
        conn.execute(
            "INSERT INTO sales (store_id, region, amount) VALUES (%s, %s, %s)", (store_id, region, amount)
        )
