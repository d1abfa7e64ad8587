import { supabase } from './client';

export async function take(showId: number, place: string, holder: string) {
  const { error } = await supabase
    .from('seats')
    .upsert({ show_id: showId, place, holder }, { onConflict: 'show_id,place' });
  if (error) throw error;
}

export async function give(showId: number, place: string, holder: string) {
  const { error } = await supabase
    .from('seats')
    .upsert({ show_id: showId, place, holder }, { onConflict: 'show_id,place WHERE released_at IS NULL' });
  if (error) throw error;
}
