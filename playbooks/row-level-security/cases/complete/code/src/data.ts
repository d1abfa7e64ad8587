import { supabase } from './supabase';

export async function saveNote(owner: string, slug: string, body: string) {
  const { data, error } = await supabase.from('notes').upsert({ owner, slug, body }, { onConflict: 'owner,slug' }).select();
  if (error) throw error;
  return data;
}

export async function visit(owner: string, page: string) {
  const { error } = await supabase.from('visits').upsert({ owner, page }, { onConflict: 'owner,page', ignoreDuplicates: true });
  if (error) throw error;
}

export async function tell(body: string) {
  const { error } = await supabase.from('feedback').insert({ body });
  if (error) throw error;
}
