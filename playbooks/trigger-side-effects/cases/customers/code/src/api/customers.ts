import { supabase } from '../lib/supabase';

export async function updatePhone(id: string, phone: string) {
  const { data, error } = await supabase
    .from('customers')
    .update({ phone, updated_at: new Date().toISOString() })
    .eq('id', id)
    .select('*')
    .single();
  if (error) throw error;
  return data;
}
