import type { SupabaseClient } from '@supabase/supabase-js';

export async function ship(supabase: SupabaseClient, id: string) {
  const { error } = await supabase.from('orders').update({ state: 'shipped' }).eq('id', id);
  if (error) throw error;
}
