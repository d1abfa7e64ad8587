import { supabase } from '../lib/supabase';

export interface Goal {
  slug: string;
  title: string;
  progress: number;
}

export async function saveGoals(userId: string, goals: Goal[]): Promise<void> {
  for (const goal of goals) {
    const { error } = await supabase.from('goals').upsert(
      {
        id: crypto.randomUUID(),
        user_id: userId,
        slug: goal.slug,
        title: goal.title,
        progress: goal.progress,
      },
      { onConflict: 'id' },
    );
    if (error) throw error;
  }
}
