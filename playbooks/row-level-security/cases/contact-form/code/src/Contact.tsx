import { supabase } from './supabase';

export async function send(address: string, body: string) {
  const { error } = await supabase.from('contact_messages').insert({ address, body }).select();
  return !error;
}
