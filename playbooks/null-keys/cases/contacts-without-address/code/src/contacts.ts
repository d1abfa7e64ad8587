import { Pool } from 'pg';

const pool = new Pool();

export async function importContact(orgId: number, contact: { name: string; email?: string }) {
  await pool.query(
    `INSERT INTO contacts (org_id, name, email) VALUES ($1, $2, $3)
     ON CONFLICT (org_id, email) DO UPDATE SET name = EXCLUDED.name`,
    [orgId, contact.name, contact.email ?? null],
  );
}
