import { supabase } from './client';

export async function addRemark(author: string, body: string) {
  const { data, error } = await supabase.from('remarks').insert([{ author, body }]).select();
  if (error) console.log('error', error);
  return data;
}
