'use server'
import { z } from 'zod'
import { createClient } from '@/lib/supabase/server'

const Schema = z.object({ title: z.string().min(2), slug: z.string().regex(/^[a-z0-9-]+$/) })

export async function createProject(orgId: string, form: FormData) {
  const values = Schema.parse(Object.fromEntries(form))
  const supabase = await createClient()
  const { data, error } = await supabase
    .from('projects')
    .insert({ org_id: orgId, slug: values.slug, title: values.title })
    .select('id')
    .single()
  if (error) throw new Error(error.message)
  return data.id
}
