import { createClient } from '@supabase/supabase-js';

const supabase = createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_ANON_KEY!);

export async function putInCart(userId: number, productId: number, variantId?: number) {
  const { error } = await supabase
    .from('cart_items')
    .upsert({ user_id: userId, product_id: productId, variant_id: variantId ?? null }, { onConflict: 'user_id,product_id,variant_id' });
  if (error) throw error;
}

export async function vote(userId: number, postId: number, up?: boolean) {
  const { error } = await supabase
    .from('votes')
    .upsert({ user_id: userId, post_id: postId, up: up ?? null }, { onConflict: 'user_id,post_id' });
  if (error) throw error;
}
