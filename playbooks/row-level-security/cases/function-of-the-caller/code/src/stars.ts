import { supabase } from './supabase';

export async function star(film: number, given: number) {
  const { error } = await supabase.rpc('star', { p_film: film, p_given: given });
  if (error) throw error;
}
