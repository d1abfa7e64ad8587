import { supabase } from './client';

export async function saveRoom(code: string, seats: number) {
  const { error } = await supabase.from('rooms').upsert({ id: crypto.randomUUID(), code, seats }, { onConflict: 'code' });
  if (error) throw error;
}
