import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.API_URL!, process.env.SERVICE_ROLE_KEY!, {
  db: { schema: 'bystanders' },
})

export async function setTheme(authorId: string, theme: string) {
  const { error } = await supabase
    .from('settings')
    .upsert({ author_id: authorId, theme }, { onConflict: 'author_id' })
  if (error) throw error
}

export async function theme(authorId: string) {
  const { data, error } = await supabase
    .from('settings')
    .select('theme')
    .eq('author_id', authorId)
    .maybeSingle()
  if (error) throw error
  return data?.theme ?? 'plain'
}

export async function register(email: string) {
  const { data, error } = await supabase.from('authors').insert({ email }).select().single()
  if (error?.code === '23505') return null
  if (error) throw error
  return data
}
