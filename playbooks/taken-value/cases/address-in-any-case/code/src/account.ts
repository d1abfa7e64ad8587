import { Pool } from 'pg';

const pool = new Pool();

export async function changeAddress(id: number, email: string) {
  await pool.query('UPDATE app.account SET email = $2 WHERE id = $1', [id, email]);
}
