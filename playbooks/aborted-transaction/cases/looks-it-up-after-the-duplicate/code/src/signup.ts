import { pool } from './db'
export async function signup(email: string) {
  const c = await pool.connect()
  try {
    await c.query('begin')
    let userId: number
    try {
      const r = await c.query('insert into users (email) values ($1) returning id', [email])
      userId = r.rows[0].id
    } catch (e: any) {
      if (e.code !== '23505') throw e
      const r = await c.query('select id from users where email = $1', [email])
      userId = r.rows[0].id
    }
    await c.query('insert into wallets (user_id) values ($1) on conflict (user_id) do nothing', [userId])
    await c.query('commit')
    return userId
  } catch (e) {
    await c.query('rollback')
    throw e
  } finally {
    c.release()
  }
}
