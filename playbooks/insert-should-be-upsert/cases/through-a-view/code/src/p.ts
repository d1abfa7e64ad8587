import { pool } from './db'
export const put = (u: number, t: string) => pool.query('INSERT INTO prefs (id, user_id, theme) VALUES (gen_random_uuid(), $1, $2)', [u, t])
