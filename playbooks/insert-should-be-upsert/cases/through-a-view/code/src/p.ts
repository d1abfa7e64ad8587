import { pool } from './db'
export const put = (u: number, t: string) => pool.query('INSERT INTO prefs (id, user_id, theme, created_at) VALUES (gen_random_uuid(), $1, $2, now())', [u, t])
