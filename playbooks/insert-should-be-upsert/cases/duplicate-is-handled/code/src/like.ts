import { supabase } from './client';

export async function like(postId: number, accountId: string) {
  const { data: found } = await supabase
    .from('likes')
    .select('post_id')
    .eq('post_id', postId)
    .eq('account_id', accountId)
    .maybeSingle();
  if (found) return;
  const { error } = await supabase.from('likes').insert({ post_id: postId, account_id: accountId });
  if (error && error.code !== '23505') throw error;
}
