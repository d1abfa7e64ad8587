import { supabase } from './client.js';

export async function sync(people, teams) {
  const known = [...new Map(people.map((p) => [p.remoteId, p])).values()];
  const slugs = [...new Set(teams)];
  await supabase.from('teams').upsert(slugs.map((slug) => ({ slug, title: slug })), { onConflict: 'slug' });

  const rows = known.map((p) => ({ remote_id: p.remoteId, email: p.mail, name: p.name }));
  const { error } = await supabase.from('members').upsert(rows, { onConflict: 'email' });
  if (error) throw error;
}
