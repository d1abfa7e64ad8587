import { createClient } from '@supabase/supabase-js';
import { processor } from './processor';

const store = createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_SERVICE_ROLE_KEY!);

export async function referenceOf(owner: string): Promise<string> {
  const { data: row, error } = await store.from('billing_accounts').select('processor_ref').eq('owner', owner).single();
  if (!error && row?.processor_ref) return row.processor_ref;
  if (error || !row?.processor_ref) {
    const made = await processor.register(owner);
    const { error: refused } = await store.from('billing_accounts').insert([{ owner, processor_ref: made.ref }]);
    if (refused) throw refused;
    return made.ref;
  }
  return row.processor_ref;
}
