import { supabase } from './sb'
export const rsvp = (event: string, user: string, value: string) =>
  supabase.rpc('rsvp', { p_event: event, p_user: user, p_rsvp: value })
