import { supabase } from './supabase';

export async function invite(team: number, person: string) {
  const { data, error } = await supabase.from('team_members').insert({ team, person }).select();
  if (error) throw error;
  return data;
}
