import { createClient } from '@supabase/supabase-js';

const supabase = createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_ANON_KEY!);

export async function putInCart(userId: string, productId: number, quantity: number, variantId?: number) {
  const { data: { user } } = await supabase.auth.getUser();
  if (user?.id !== userId) throw new Error('not signed in');

  const { error } = await supabase
    .from('cart_items')
    .upsert(
      { user_id: userId, product_id: productId, variant_id: variantId ?? null, quantity },
      { onConflict: 'user_id,product_id,variant_id' },
    );
  if (error) throw error;
}

export async function lineOf(userId: string, productId: number) {
  const { data, error } = await supabase
    .from('cart_items')
    .select('id, quantity')
    .eq('user_id', userId)
    .eq('product_id', productId)
    .is('variant_id', null)
    .maybeSingle();
  if (error) throw error;
  return data;
}
