import { pool } from '../db'

export async function haveEvent(id: string) {
  const { rows } = await pool.query('SELECT event_id FROM processed_events WHERE event_id = $1', [id])
  if (rows.length === 0) await pool.query('INSERT INTO processed_events (event_id) VALUES ($1)', [id])
}
