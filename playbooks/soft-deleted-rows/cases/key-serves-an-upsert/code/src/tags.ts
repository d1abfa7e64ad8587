import { Pool } from 'pg';

const pool = new Pool();

export async function addTag(label: string) {
  await pool.query('INSERT INTO tags (label) VALUES ($1)', [label]);
}
