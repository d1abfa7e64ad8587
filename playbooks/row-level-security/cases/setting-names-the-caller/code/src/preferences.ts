import { Pool } from 'pg';

const pool = new Pool({ user: 'web' });

export async function want(personId: number, topic: string, wanted: boolean) {
  const client = await pool.connect();
  try {
    await client.query("BEGIN; SELECT set_config('app.person', '" + Number(personId) + "', true)");
    await client.query(
      `INSERT INTO preferences (person_id, topic, wanted) VALUES ($1, $2, $3)
       ON CONFLICT (person_id, topic) DO UPDATE SET wanted = EXCLUDED.wanted`,
      [personId, topic, wanted],
    );
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}
