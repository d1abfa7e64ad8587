import { createId as cuid } from '@paralleldrive/cuid2';
import { randomBytes } from 'node:crypto';
import { nanoid } from 'nanoid';
import { supabase } from './client';

export async function shareLink(ownerId: string) {
  const { data: link } = await supabase.from('share_links').select('code').eq('owner_id', ownerId).maybeSingle();
  if (!link) {
    await supabase.from('share_links').insert({ owner_id: ownerId, code: nanoid(8) });
  }
}

export async function inviteToken(teamId: string) {
  const { data: token } = await supabase.from('invite_tokens').select('token').eq('team_id', teamId).maybeSingle();
  if (!token) {
    await supabase.from('invite_tokens').insert({ team_id: teamId, token: cuid() });
  }
}

export async function firstVisit(visitorId: string) {
  const { data: visit } = await supabase.from('visits').select('begun_at').eq('visitor_id', visitorId).maybeSingle();
  if (!visit) {
    await supabase.from('visits').insert({ visitor_id: visitorId, begun_at: Date.now() });
  }
}

export async function raffleTicket(visitorId: string) {
  const { data: ticket } = await supabase.from('raffle_tickets').select('number').eq('visitor_id', visitorId).maybeSingle();
  if (!ticket) {
    await supabase.from('raffle_tickets').insert({ visitor_id: visitorId, number: Math.random() });
  }
}

export async function apiKey(ownerId: string) {
  const { data: key } = await supabase.from('api_keys').select('secret').eq('owner_id', ownerId).maybeSingle();
  if (!key) {
    await supabase.from('api_keys').insert({ owner_id: ownerId, secret: randomBytes(16).toString('hex') });
  }
}

// Places in a list are counted on; whoever comes second must try again with the next one.
export async function append(listId: string, body: string) {
  const { data: items } = await supabase.from('list_items').select('position').eq('list_id', listId);
  if (items) {
    await supabase.from('list_items').insert({ list_id: listId, position: items.length, body });
  }
}

export async function addChapter(bookId: string, title: string) {
  const { data: last } = await supabase
    .from('chapters')
    .select('position')
    .eq('book_id', bookId)
    .order('position', { ascending: false })
    .limit(1)
    .maybeSingle();
  if (last) {
    await supabase.from('chapters').insert({ book_id: bookId, position: last.position + 1, title });
  }
}

// The look asks whether there is anything to do, not for this row.
export async function plan(slot: number) {
  const { data: open } = await supabase.from('jobs').select('slot').eq('state', 'open').maybeSingle();
  if (!open) {
    await supabase.from('jobs').insert({ slot, state: 'open' });
  }
}

// Nothing was looked for, and the button is pressed once.
export async function award(memberId: string, badge: string) {
  await supabase.from('badges').insert({ member_id: memberId, badge });
}

export async function earned(memberId: string) {
  return supabase.from('badges').upsert({ member_id: memberId, badge: 'first' }, { onConflict: 'member_id,badge', ignoreDuplicates: true }).select().maybeSingle();
}

export async function rename(memberId: string, badge: string) {
  const { data: held } = await supabase.from('badges').select('badge').eq('member_id', memberId).eq('badge', badge).maybeSingle();
  if (!held) {
    await supabase.from('badges').update({ badge }).eq('member_id', memberId);
  }
}
