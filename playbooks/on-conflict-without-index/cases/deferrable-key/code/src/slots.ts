import { Pool } from 'pg';

const pool = new Pool();

export async function place(day: string, pos: number, label: string) {
  await pool.query(
    'INSERT INTO slots (day, pos, label) VALUES ($1, $2, $3) ON CONFLICT (day, pos) DO UPDATE SET label = EXCLUDED.label',
    [day, pos, label],
  );
}
