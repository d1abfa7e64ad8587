import { createClient } from '@supabase/supabase-js';

const supabase = createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_ANON_KEY!);

export async function subscribe(userId: string, topicId: number) {
  const { data: there } = await supabase
    .from('subscriptions')
    .select('id')
    .eq('user_id', userId)
    .eq('topic_id', topicId)
    .is('removed_at', null)
    .maybeSingle();
  if (!there) {
    const { error } = await supabase.from('subscriptions').insert({ user_id: userId, topic_id: topicId });
    if (error) throw error;
  }
}

export async function unsubscribe(id: string) {
  const { error } = await supabase.from('subscriptions').update({ removed_at: new Date().toISOString() }).eq('id', id);
  if (error) throw error;
}
