import { Pool } from 'pg';

const pool = new Pool();

export async function alert(memberId: number, body: string) {
  const { rows } = await pool.query('INSERT INTO app.alerts ("memberId", body) VALUES ($1, $2) RETURNING id', [memberId, body]);
  return rows[0].id;
}
