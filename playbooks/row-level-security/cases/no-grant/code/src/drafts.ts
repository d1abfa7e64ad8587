import { supabase } from './supabase';

export async function add(author: string, body: string) {
  const { error } = await supabase.from('drafts').insert({ author, body });
  if (error) throw error;
}
