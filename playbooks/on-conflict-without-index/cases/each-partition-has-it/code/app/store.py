import asyncpg


async def store(pool: asyncpg.Pool, tenant, day, name, value):
    await pool.execute(
        "INSERT INTO metrics (tenant, day, name, value) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (tenant, day, name) DO UPDATE SET value = EXCLUDED.value",
        tenant, day, name, value,
    )
