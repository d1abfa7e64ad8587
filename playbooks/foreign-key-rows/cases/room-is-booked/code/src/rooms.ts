import { supabase } from './supabase';

export async function close(id: number) {
  const { error } = await supabase.from('rooms').delete().eq('id', id);
  if (error) throw error;
}
