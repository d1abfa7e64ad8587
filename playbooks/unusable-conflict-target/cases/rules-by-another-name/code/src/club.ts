import { Pool } from 'pg';
import { supabase } from './client';

const pool = new Pool();

export async function open(name: string) {
  await pool.query('INSERT INTO courts (name) VALUES ($1) ON CONFLICT (name COLLATE "POSIX") DO NOTHING', [name]);
}

export async function join(club: number, user: string, level: string) {
  await pool.query(
    `INSERT INTO memberships (club, "user", level) VALUES ($1, $2, $3)
     ON CONFLICT ON CONSTRAINT memberships_running DO UPDATE SET level = EXCLUDED.level`,
    [club, user, level],
  );
}

export async function score(player: string, points: number) {
  await pool.query('INSERT INTO scores (player, points) VALUES ($1, $2) ON CONFLICT (player) DO NOTHING', [player, points]);
}

export async function register(userId: string, token: string) {
  const { error } = await supabase.from('devices').upsert({ user_id: userId, push_token: token }, { onConflict: 'devices_one' });
  if (error) throw error;
}

export async function book(court: number, during: string, player: string) {
  await pool.query('INSERT INTO bookings (court, during, player) VALUES ($1, $2, $3) ON CONFLICT (court, during) DO NOTHING', [court, during, player]);
}
