import { pool } from './db';

export async function invite(eventId: number, emails: string[]) {
  const client = await pool.connect();
  let sent = 0;
  try {
    await client.query('BEGIN');
    for (const email of emails) {
      try {
        await client.query('INSERT INTO guests (event_id, email) VALUES ($1, $2)', [eventId, email]);
        sent += 1;
      } catch (error: any) {
        if (error.code !== '23505') throw error;
      }
    }
    await client.query('INSERT INTO invitations (event_id, sent) VALUES ($1, $2)', [eventId, sent]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}
