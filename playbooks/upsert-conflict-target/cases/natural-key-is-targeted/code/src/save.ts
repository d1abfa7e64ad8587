import { supabase } from './client';

export async function save(userId: string, slug: string, title: string) {
  const { error } = await supabase.from('goals').upsert({ user_id: userId, slug, title }, { onConflict: 'slug, user_id' });
  if (error) throw error;
}
