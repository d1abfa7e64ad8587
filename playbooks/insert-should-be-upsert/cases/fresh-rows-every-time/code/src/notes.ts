import { supabase } from './client';

export async function addNote(accountId: string, body: string) {
  const { data, error } = await supabase
    .from('notes')
    .insert({ id: crypto.randomUUID(), account_id: accountId, body })
    .select()
    .single();
  if (error) throw error;
  return data;
}
