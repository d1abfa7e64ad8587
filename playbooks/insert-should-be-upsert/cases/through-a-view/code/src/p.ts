import { pool } from './db'
export const put = (u: number, t: string) => pool.query('INSERT INTO prefs (user_id, theme) VALUES ($1, $2)', [u, t])
