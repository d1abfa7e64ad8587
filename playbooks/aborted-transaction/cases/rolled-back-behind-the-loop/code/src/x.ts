import { pool } from './db'
export async function add(codes: string[]) {
  const client = await pool.connect()
  let failed = false
  await client.query('BEGIN')
  for (const code of codes) {
    try {
      await client.query('INSERT INTO parts (code) VALUES ($1)', [code])
    } catch (err) {
      failed = true
      break
    }
  }
  if (failed) await client.query('ROLLBACK')
  else await client.query('COMMIT')
  client.release()
  return !failed
}
