import { supabase } from './client';

export async function checkIn(memberId: string, day: string) {
  const { data: seen } = await supabase
    .from('check_ins')
    .select('id')
    .eq('member_id', memberId)
    .eq('day', day)
    .maybeSingle();
  if (!seen) {
    await supabase.from('members').update({ name: 'seen' }).eq('id', memberId);
    await supabase.from('check_ins').insert({ member_id: memberId, day });
  }
}

export async function correctSource(memberId: string, day: string) {
  await supabase.from('check_ins').update({ source: 'desk' }).eq('member_id', memberId).eq('day', day);
}

export async function takeBack(memberId: string, day: string) {
  await supabase.from('check_ins').delete().eq('member_id', memberId).eq('day', day);
}

export async function claimLocker(memberId: string, locker: number) {
  await supabase.from('check_ins').delete().eq('member_id', memberId);
  const { data: mine } = await supabase
    .from('locker_claims')
    .select('since')
    .eq('member_id', memberId)
    .eq('locker', locker)
    .maybeSingle();
  if (!mine) {
    await supabase.from('locker_claims').insert({ member_id: memberId, locker });
  }
}

// The old row goes first.
export async function replaceAddress(memberId: string, street: string) {
  const { data: old } = await supabase.from('home_addresses').select('street').eq('member_id', memberId).maybeSingle();
  if (old?.street !== street) {
    await supabase.from('home_addresses').delete().eq('member_id', memberId);
    await supabase.from('home_addresses').insert({ member_id: memberId, street });
  }
}
