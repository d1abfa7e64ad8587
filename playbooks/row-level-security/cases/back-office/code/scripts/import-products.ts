import { createClient } from '@supabase/supabase-js';
const supabase = createClient(process.env.URL!, process.env.SUPABASE_SERVICE_ROLE_KEY!);

export async function importAll(rows: { sku: string; title: string }[]) {
  const { error } = await supabase.from('products').upsert(rows, { onConflict: 'sku' });
  if (error) throw error;
}
