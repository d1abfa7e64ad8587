import { createClient } from 'npm:@supabase/supabase-js@2';
const supabase = createClient(Deno.env.get('SUPABASE_URL')!, Deno.env.get('SUPABASE_SERVICE_ROLE_KEY')!);

export async function bill(customer: string, total: number) {
  const { data, error } = await supabase.from('invoices').insert({ customer, total }).select().single();
  if (error) throw error;
  return data;
}
