import { createClient } from '@supabase/supabase-js';

const supabase = createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_ANON_KEY!);

export async function invite(team_id: number, email: string) {
  const { error } = await supabase.from('members').insert({ team_id, email });
  if (error) throw error;
}

export async function page(slug: string) {
  const { error } = await supabase.from('pages').insert({ slug });
  if (error) throw error;
}

export async function label(name: string) {
  const { error } = await supabase.from('labels').insert({ name });
  if (error) throw error;
}

export async function drop(id: number) {
  for (const table of ['members']) await supabase.from(table).update({ deleted_at: 'now' }).eq('id', id);
  const { error } = await supabase.from('labels').update({ deleted_at: 'now' }).eq('id', id);
  if (error) throw error;
}
