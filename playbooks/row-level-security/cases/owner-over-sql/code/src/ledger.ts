import { Pool } from 'pg';
const pool = new Pool();

export async function book(entry: string, amount: number) {
  await pool.query('INSERT INTO ledger (entry, amount) VALUES ($1, $2) ON CONFLICT (entry) DO UPDATE SET amount = EXCLUDED.amount RETURNING id', [entry, amount]);
}
