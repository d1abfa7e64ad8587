import { supabase } from './client';

export async function noteRound(pupil: string, hits: number) {
  const { data: sum } = await supabase.from('practice_totals').select('*').eq('pupil', pupil).maybeSingle();
  if (sum) {
    await supabase
      .from('practice_totals')
      .update({ rounds: (sum.rounds || 0) + 1, hits: (sum.hits || 0) + hits }).eq('pupil', pupil);
  } else {
    await supabase.from('practice_totals').insert({ pupil, rounds: 1, hits });
  }
}
