import { pool } from './pool';

export async function addCountry(isoNumber: number, name: string) {
  await pool.query('INSERT INTO countries (id, name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING', [isoNumber, name]);
}
