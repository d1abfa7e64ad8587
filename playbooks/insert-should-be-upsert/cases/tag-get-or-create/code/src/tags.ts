import { supabase } from './sb'

export async function getOrCreateTag(name: string) {
  const { data: existing, error: readError } = await supabase
    .from('tags')
    .select('id, name')
    .eq('name', name)
    .maybeSingle()
  if (readError) throw readError
  if (existing) return existing

  const { data, error } = await supabase.from('tags').insert({ name }).select('id, name').single()
  if (error) throw error
  return data
}
