import { supabase } from './client.js'

export async function setPrice(sku, region, cents) {
  const { error } = await supabase.from('prices').upsert({ sku, region, cents })
  if (error) throw error
}

export async function tag(sku, tag, weight) {
  const { error } = await supabase.from('tags').upsert({ sku, tag, weight })
  if (error) throw error
}
