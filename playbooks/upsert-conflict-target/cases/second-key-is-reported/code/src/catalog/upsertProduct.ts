import { v4 as uuid } from 'uuid'
import type { SupabaseClient } from '@supabase/supabase-js'

export function upsertProduct(client: SupabaseClient, p: { sku: string; name: string }) {
  return client
    .from('products')
    .upsert({ id: uuid(), sku: p.sku, name: p.name }, { onConflict: 'sku' })
    .throwOnError()
}
