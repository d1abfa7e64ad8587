import { supabase } from './supabase';

export async function write(author: string, body: string) {
  const { data, error } = await supabase.from('notes').insert({ author, body }).select('id').single();
  if (error) throw error;
  return data.id;
}
