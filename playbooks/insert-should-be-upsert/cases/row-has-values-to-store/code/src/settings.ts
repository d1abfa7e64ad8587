import { supabase } from './client';

export async function saveFontSize(accountId: string, deviceId: string, size: number) {
  const { data: row } = await supabase
    .from('reading_settings')
    .select('id')
    .eq('account_id', accountId)
    .eq('device_id', deviceId)
    .maybeSingle();
  if (row) {
    await supabase.from('reading_settings').update({ font_size: size }).eq('id', row.id);
  } else {
    await supabase.from('reading_settings').insert({ id: crypto.randomUUID(), account_id: accountId, device_id: deviceId, font_size: size });
  }
}
