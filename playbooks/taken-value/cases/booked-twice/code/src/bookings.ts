import { Pool } from 'pg';

const pool = new Pool();

export async function book(from: string, to: string) {
  await pool.query('INSERT INTO bookings (during) VALUES (tstzrange($1, $2))', [from, to]);
}
