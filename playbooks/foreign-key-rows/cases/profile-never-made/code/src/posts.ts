import { supabase } from './supabase';

export async function publish(author: string, body: string) {
  const { error } = await supabase.from('posts').insert({ author, body });
  if (error) throw error;
}
