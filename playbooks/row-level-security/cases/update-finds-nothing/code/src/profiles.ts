import { supabase } from './supabase';

export async function rename(id: string, name: string) {
  const { data, error } = await supabase.from('profiles').update({ name }).eq('id', id).select().single();
  if (error) throw error;
  return data;
}
