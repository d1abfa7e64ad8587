import { supabase } from './client';

export async function claim(handle: string) {
  const { data: taken } = await supabase.from('handles').select('account_id').eq('handle', handle).maybeSingle();
  if (taken) return { ok: false, reason: 'taken' };
  const { error } = await supabase.from('handles').insert({ account_id: crypto.randomUUID(), handle });
  return { ok: !error, reason: error?.message };
}
