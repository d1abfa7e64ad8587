import { Pool } from 'pg';

const pool = new Pool();

export async function record(stripeEventId: string, amount: number) {
  await pool.query('INSERT INTO payments (stripe_event_id, amount) VALUES ($1, $2)', [stripeEventId, amount]);
}
