import { supabase } from './client';

export async function vote(pollId: number, voterId: string, choice: string) {
  const { error } = await supabase.from('votes').upsert({ poll_id: pollId, voter_id: voterId, choice }, { onConflict: 'voter_id' });
  if (error) throw error;
}
