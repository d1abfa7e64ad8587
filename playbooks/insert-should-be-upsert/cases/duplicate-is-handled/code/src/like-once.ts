import { supabase } from './client';

export async function likeOnce(request: Request) {
  const { postId, accountId } = await request.json();
  const { data: found } = await supabase
    .from('likes')
    .select('post_id')
    .eq('post_id', postId)
    .eq('account_id', accountId)
    .maybeSingle();
  if (found) {
    return Response.json({ message: 'liked already' }, { status: 409 });
  }
  const { error } = await supabase.from('likes').insert({ post_id: postId, account_id: accountId });
  if (error) throw error;
  return Response.json({ message: 'liked' }, { status: 201 });
}
