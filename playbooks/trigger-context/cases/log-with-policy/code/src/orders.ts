import { supabase } from './client';

export async function placeOrder(cents: number) {
  const { error } = await supabase.from('orders').insert({ cents });
  if (error) throw error;
}
