import { Pool } from 'pg';

const pool = new Pool();

export async function put(row: unknown[]) {
  await pool.query('INSERT INTO readings (sensor, slot, note) VALUES ($1, $2, $3) ON CONFLICT (sensor, slot) DO UPDATE SET note = EXCLUDED.note', row);
}
