import { supabase } from './client';

export async function placeOrder(customer: string, cart: { articleId: number; quantity: number }[]) {
  const { data: order, error } = await supabase.from('orders').insert({ customer }).select('id').single();
  if (error) throw error;

  const lines = cart.map((item) => ({
    order_id: order.id,
    article_id: item.articleId,
    quantity: item.quantity,
  }));

  const { error: failed } = await supabase.from('order_lines').insert(lines);
  if (failed) throw failed;
  return order.id;
}
