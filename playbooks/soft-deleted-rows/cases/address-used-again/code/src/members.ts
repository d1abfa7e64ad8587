import { createClient } from '@supabase/supabase-js';

const supabase = createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_ANON_KEY!);

export async function members(teamId: number) {
  const { data, error } = await supabase.from('members').select('id, email, role').eq('team_id', teamId).is('deleted_at', null);
  if (error) throw error;
  return data;
}

export async function remove(id: number) {
  const { error } = await supabase.from('members').update({ deleted_at: new Date().toISOString() }).eq('id', id);
  if (error) throw error;
}

export async function invite(teamId: number, email: string) {
  // An address is invited once.
  const { error } = await supabase.from('members').insert({ team_id: teamId, email, role: 'guest' });
  if (error) throw error;
}
