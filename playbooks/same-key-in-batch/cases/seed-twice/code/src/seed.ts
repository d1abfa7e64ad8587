import { Pool } from 'pg';

const pool = new Pool();

export async function seed() {
  await pool.query(
    `INSERT INTO features (name, enabled)
     VALUES ('export', true), ('search', false), ('export', false)
     ON CONFLICT (name) DO UPDATE SET enabled = EXCLUDED.enabled`,
  );
}
