import { supabase } from './supabase';

export async function create(username: string, bio: string) {
  const { data, error } = await supabase.from('profiles').insert({ username, bio }).select().single();
  if (error) throw error;
  return data;
}
