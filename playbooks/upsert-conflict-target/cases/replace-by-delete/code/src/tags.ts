import { supabase } from './client';

export async function setTags(noteId: string, names: string[]) {
  await supabase.from('tags').delete().eq('note_id', noteId);
  const { error } = await supabase.from('tags').insert(names.map((name) => ({ note_id: noteId, name })));
  if (error) throw error;
}
