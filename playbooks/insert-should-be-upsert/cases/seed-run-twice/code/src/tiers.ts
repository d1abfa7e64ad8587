import { supabase } from './client';

export async function addTier(code: string, label: string, cents: number) {
  const { error } = await supabase.from('price_tiers').insert({ code, label, monthly_cents: cents });
  if (error) throw error;
}
