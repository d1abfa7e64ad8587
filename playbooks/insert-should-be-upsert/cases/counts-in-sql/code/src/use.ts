import { pool } from './pool';

export async function hit(apiKey: string, day: string) {
  const done = await pool.query('UPDATE daily_use SET calls = calls + 1 WHERE api_key = $1 AND day = $2', [apiKey, day]);
  if (done.rowCount === 0) {
    await pool.query('INSERT INTO daily_use (api_key, day, calls, first_call) VALUES ($1, $2, 1, now())', [apiKey, day]);
  }
}
