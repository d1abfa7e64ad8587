import { supabase } from './client';

export async function saveGoal(goal: { id: string; user_id: string; slug: string; title: string }) {
  const { error } = await supabase.from('goals').upsert(goal, { onConflict: 'id' });
  if (error) throw error;
}

export async function saveTitle(id: string, userId: string, slug: string, title: string) {
  const { error } = await supabase.from('goals').upsert({ id, user_id: userId, slug, title });
  if (error) throw error;
}
