import { supabase } from './client';

export async function like(postId: number, accountId: string) {
  const { error } = await supabase
    .from('likes')
    .upsert({ post_id: postId, account_id: accountId }, { onConflict: 'post_id,account_id', ignoreDuplicates: true });
  if (error) throw error;
}
