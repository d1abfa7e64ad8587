import { createClient } from '@supabase/supabase-js';
const supabase = createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_ANON_KEY!);

export async function write(authorId: string, body: string) {
  const { data, error } = await supabase.from('Journal Entry').insert({ authorId, body }).select().single();
  if (error) throw error;
  return data;
}
