import { Pool } from 'pg';
const pool = new Pool();

export const leave = (id: number) => pool.query('DELETE FROM people WHERE id = $1', [id]);
export const award = (person: number, colour: string) =>
  pool.query('INSERT INTO badges (person, colour) VALUES ($1, $2) ON CONFLICT (person, colour) DO NOTHING', [person, colour]);
