import { supabase } from './client';

export async function push(orgId: number, contacts: { id: string; name: string }[]) {
  const rows = contacts.map((c) => ({ orgId, external_id: c.id, name: c.name }));
  await supabase.from('Contacts').upsert(rows, { onConflict: 'orgId,external_id' }).throwOnError();
}
