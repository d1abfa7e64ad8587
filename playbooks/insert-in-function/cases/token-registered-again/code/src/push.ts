import { pool } from './db'
export const register = (u: number, t: string, p: string) => pool.query('select register_token($1, $2, $3)', [u, t, p])
