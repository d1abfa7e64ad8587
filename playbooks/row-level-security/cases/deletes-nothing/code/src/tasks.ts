import { supabase } from './supabase';

export async function change(id: number, body: string) {
  const { error } = await supabase.from('tasks').update({ body }).eq('id', id);
  if (error) throw error;
}

export async function remove(id: number) {
  const { error } = await supabase.from('tasks').delete().eq('id', id);
  if (error) throw error;
}
