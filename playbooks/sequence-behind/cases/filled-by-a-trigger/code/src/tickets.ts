import { pool } from './pool';

export async function openTicket(subject: string) {
  await pool.query('INSERT INTO tickets (subject) VALUES ($1)', [subject]);
}
