import { Pool } from 'pg';

const pool = new Pool();

export async function put(row: unknown[]) {
  await pool.query('INSERT INTO stock (store, sku, note) VALUES ($1, $2, $3) ON CONFLICT (store, sku) DO UPDATE SET note = EXCLUDED.note', row);
}
