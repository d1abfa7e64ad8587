import { Pool } from 'pg';

const pool = new Pool();

export async function sensor(serial: string, place: string) {
  await pool.query('INSERT INTO sensors (serial, place) VALUES ($1, $2) ON CONFLICT (serial) DO UPDATE SET place = EXCLUDED.place', [serial, place]);
}

export async function gauge(serial: string, place: string) {
  await pool.query('INSERT INTO gauges (serial, place) VALUES ($1, $2) ON CONFLICT (serial) DO UPDATE SET place = EXCLUDED.place', [serial, place]);
}
