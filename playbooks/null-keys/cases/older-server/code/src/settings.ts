import { Pool } from 'pg';

const pool = new Pool();

export async function setDefault(name: string, value: unknown) {
  await pool.query(
    `INSERT INTO settings (team_id, name, value) VALUES (NULL, $1, $2)
     ON CONFLICT (team_id, name) DO UPDATE SET value = EXCLUDED.value`,
    [name, JSON.stringify(value)],
  );
}
