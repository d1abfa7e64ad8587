import { Pool } from 'pg';

const pool = new Pool();

export async function importContact(orgId: number, contact: { name: string; email?: string }) {
  await pool.query(
    `INSERT INTO contacts (org_id, name, email) VALUES ($1, $2, $3)
     ON CONFLICT (org_id, email) DO UPDATE SET name = EXCLUDED.name`,
    [orgId, contact.name, contact.email ?? null],
  );
}

export async function enqueueOnce(queue: string, payload: object, dedupeKey: string) {
  await pool.query(
    `INSERT INTO jobs (queue, payload, dedupe_key) VALUES ($1, $2, $3)
     ON CONFLICT (queue, dedupe_key) DO NOTHING`,
    [queue, JSON.stringify(payload), dedupeKey],
  );
}
