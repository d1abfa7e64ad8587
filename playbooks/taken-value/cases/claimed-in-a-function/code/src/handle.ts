import { supabase } from './sb'
export const claim = (u: string, h: string) => supabase.rpc('claim_handle', { p_user: u, p_handle: h })
