import { Pool } from 'pg';

const pool = new Pool();

export async function open(username: string) {
  try {
    await pool.query('INSERT INTO accounts (username) VALUES ($1)', [username]);
  } catch (error: any) {
    if (error.code === '23505') return { ok: false, reason: 'taken' };
    throw error;
  }
  return { ok: true };
}
