import { supabase } from './supabase';

export async function plan(owner: string, day: string, body: string) {
  const { error } = await supabase.from('plans').upsert({ owner, day, body }, { onConflict: 'owner,day' });
  if (error) throw error;
}
