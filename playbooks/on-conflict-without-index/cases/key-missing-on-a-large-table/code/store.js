import pg from "pg";

export const pool = new pg.Pool();

export async function store(meter, takenAt, kwh) {
  await pool.query(
    "INSERT INTO readings (meter, taken_at, kwh) VALUES ($1, $2, $3) ON CONFLICT (meter, taken_at) DO UPDATE SET kwh = EXCLUDED.kwh",
    [meter, takenAt, kwh],
  );
}
