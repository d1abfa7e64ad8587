import { supabase } from './supabase';

export async function saveTheme(userId: string, theme: string) {
  const { error } = await supabase.from('user_settings').upsert({ user_id: userId, theme }, { onConflict: 'user_id' });
  if (error) throw error;
}
