import { supabase } from './client';

export async function register(email: string, password: string, username: string) {
  const { data, error } = await supabase.auth.signUp({ email, password });
  if (error || !data.user) throw error ?? new Error('no user');

  const { error: profileError } = await supabase.from('profiles').update({ username }).eq('id', data.user.id);
  if (profileError) throw profileError;
  return data.user;
}
