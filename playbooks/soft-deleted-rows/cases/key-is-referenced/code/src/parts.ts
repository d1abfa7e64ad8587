import { Pool } from 'pg';

const pool = new Pool();

export async function offer(sku: string, title: string) {
  await pool.query('INSERT INTO parts (sku, title) VALUES ($1, $2)', [sku, title]);
}
