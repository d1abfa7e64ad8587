import { supabase } from './supabase';

export async function join(email: string, password: string, nickname: string) {
  const { data } = await supabase.auth.signUp({ email, password });
  const { error } = await supabase.from('members').insert({ user_id: data.user!.id, nickname });
  if (error) throw error;
}
