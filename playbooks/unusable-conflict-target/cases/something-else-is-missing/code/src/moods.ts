import { Pool } from 'pg';

const pool = new Pool();

export async function feel(person: string, mood: string) {
  await pool.query('INSERT INTO moods (person, mood) VALUES ($1, $2::mood) ON CONFLICT ON CONSTRAINT moods_person DO UPDATE SET mood = EXCLUDED.mood', [person, mood]);
}
