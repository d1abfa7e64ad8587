import { supabase } from './supabase';

export async function create(username: string) {
  const { error } = await supabase.from('profiles').insert({ username });
  if (error?.code === '23505') return { ok: false, reason: 'taken' };
  if (error) throw error;
  return { ok: true };
}
