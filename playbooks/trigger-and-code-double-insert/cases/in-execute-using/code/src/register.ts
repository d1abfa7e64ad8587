import { supabase } from './client';

export async function register(email: string) {
  const { data: member, error } = await supabase.from('members').insert({ email }).select('id').single();
  if (error) throw error;
  const { error: second } = await supabase.from('cards').insert({ member_id: member.id, plan: 'free' });
  if (second) throw second;
  return member;
}
