import { Pool } from 'pg';

const pool = new Pool();

export async function assign(code: string, owner: string) {
  await pool.query(
    'INSERT INTO badges (code, owner) VALUES ($1, $2) ON CONFLICT (code) DO UPDATE SET owner = EXCLUDED.owner',
    [code, owner],
  );
}
