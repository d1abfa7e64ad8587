import { supabase } from './supabase';

export async function save(team: number, slug: string, body: string) {
  const { error } = await supabase.from('documents').upsert({ team, slug, body });
  if (error) throw error;
}
