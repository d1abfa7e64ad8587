import { supabase } from './client';

export async function visit(page: string, visitor: string) {
  const { data, error } = await supabase
    .from('visits')
    .upsert({ page, visitor }, { onConflict: 'page,visitor', ignoreDuplicates: true })
    .select()
    .single();
  if (error) throw error;
  return data;
}
