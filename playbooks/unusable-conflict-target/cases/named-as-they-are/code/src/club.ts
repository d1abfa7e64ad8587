import { Pool } from 'pg';
import { createClient } from '@supabase/supabase-js';

const pool = new Pool();
const supabase = createClient(process.env.URL!, process.env.ANON_KEY!);

export async function open(city: string, name: string) {
  await pool.query('INSERT INTO courts (city, name) VALUES ($1, $2) ON CONFLICT (name COLLATE "C", city) DO NOTHING', [city, name]);
  await pool.query('INSERT INTO courts (city, name) VALUES ($1, $2) ON CONFLICT (city text_ops, name) DO NOTHING', [city, name]);
  await pool.query('INSERT INTO courts (city, name) VALUES ($1, $2) ON CONFLICT ON CONSTRAINT courts_key DO NOTHING', [city, name]);
}

export async function book(court: number, during: string) {
  await pool.query('INSERT INTO bookings (court, during) VALUES ($1, $2) ON CONFLICT ON CONSTRAINT bookings_apart DO NOTHING', [court, during]);
  await pool.query('INSERT INTO bookings (court, during) VALUES ($1, $2) ON CONFLICT DO NOTHING', [court, during]);
}

export async function rename(number: string, name: string) {
  await pool.query('INSERT INTO people (number, name) VALUES ($1, $2) ON CONFLICT (number) DO UPDATE SET name = EXCLUDED.name', [number, name]);
  await pool.query('INSERT INTO scores (code, full_name) VALUES ($1, $2)', [number, name]);
}

export async function register(userId: string, token: string) {
  const { error } = await supabase.from('devices').upsert({ user_id: userId, push_token: token }, { onConflict: 'push_token, user_id' });
  if (error) throw error;
}
