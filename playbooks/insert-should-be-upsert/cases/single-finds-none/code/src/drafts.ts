import { supabase } from './client';

export async function draft(user: string, thread: number) {
  const { data } = await supabase.from('drafts').select('body').eq('user_id', user).eq('thread', thread).single();
  return data?.body ?? '';
}

export async function reopen(id: number) {
  const { data, error } = await supabase.from('drafts').select('body').eq('id', id).single();
  if (error) throw error;
  return data;
}
