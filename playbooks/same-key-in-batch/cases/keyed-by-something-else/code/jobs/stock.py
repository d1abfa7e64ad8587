from psycopg2.extras import execute_values

UPSERT = "INSERT INTO stock (sku, amount) VALUES %s ON CONFLICT (sku) DO UPDATE SET amount = EXCLUDED.amount"


def load(cur, rows):
    by_line = {row["line_number"]: row for row in rows}
    execute_values(cur, UPSERT, [(row["sku"], row["amount"]) for row in by_line.values()])
