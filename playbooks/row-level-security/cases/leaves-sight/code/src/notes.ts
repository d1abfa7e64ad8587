import { supabase } from './client';

export async function trash(id: number) {
  await supabase.from('notes').update({ deletedAt: new Date().toISOString() }).eq('id', id).throwOnError();
}

export async function edit(id: number, body: string) {
  await supabase.from('notes').update({ body, deletedAt: null }).eq('id', id).throwOnError();
}
