import { connect, supabase } from './db';

export async function place(customer: string) {
  const { data, error } = await supabase.from('orders').upsert({ customer, state: 'new' }, { onConflict: 'customer,state' }).select();
  if (error) throw error;
  return data;
}

export async function drop(id: number) {
  const { error } = await connect().from('orders').delete().eq('id', id);
  if (error) throw error;
}
