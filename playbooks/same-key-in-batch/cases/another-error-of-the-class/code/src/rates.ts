import { supabase } from './client';

export async function store(rates: { code: string; value: number }[]) {
  await supabase.from('rates').upsert(rates.map((r) => ({ code: r.code, value: r.value })));
}
