import { supabaseAdmin } from './clients';

export async function publish(sku: string, title: string) {
  const { error } = await supabaseAdmin.from('products').upsert({ sku, title }, { onConflict: 'sku' });
  if (error) throw error;
}
