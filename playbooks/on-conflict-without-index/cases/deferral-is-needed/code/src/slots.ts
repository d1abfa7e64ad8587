import { pool } from './pool';

export async function put(day: string, pos: number, label: string) {
  await pool.query('INSERT INTO slots (day, pos, label) VALUES ($1, $2, $3) ON CONFLICT (day, pos) DO UPDATE SET label = EXCLUDED.label', [day, pos, label]);
}

export async function makeRoom(day: string, from: number) {
  await pool.query('UPDATE slots SET pos = pos + 1 WHERE day = $1 AND pos >= $2', [day, from]);
}
