import { supabase } from './sb'
export const removeCategory = (id: number) => supabase.from('categories').delete().eq('id', id).throwOnError()
