from app.database import pool


async def save_channel(account_id, kind, address):
    await pool.execute("DELETE FROM channels WHERE account_id = $1 AND kind = $2", account_id, kind)
    await pool.execute("INSERT INTO channels (account_id, kind, address) VALUES ($1, $2, $3)", account_id, kind, address)
