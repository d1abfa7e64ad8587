import { randomUUID } from 'node:crypto';
import { supabase } from './supabase';

export async function openAccount(email: string, isBusiness: boolean, locale: string) {
  const id = randomUUID();

  const { error: accountError } = await supabase
    .from('accounts')
    .insert({ id, email, is_business: isBusiness });
  if (accountError) throw accountError;

  const { error: walletError } = await supabase.from('wallets').insert({ account_id: id });
  if (walletError) throw walletError;

  // The trigger gives the default locale; this one is the person's own.
  const { error: settingsError } = await supabase
    .from('account_settings')
    .upsert({ account_id: id, locale }, { onConflict: 'account_id' });
  if (settingsError) throw settingsError;

  // Whoever is on the list already stays there.
  const { error: listError } = await supabase
    .from('mailing_lists')
    .insert({ account_id: id, list: 'news' });
  if (listError && listError.code !== '23505') throw listError;

  return id;
}

export async function openBusinessAccount(id: string, email: string) {
  await supabase.from('accounts').insert({ id, email, is_business: true }).throwOnError();
  await supabase.from('vat_registrations').insert({ account_id: id }).throwOnError();
}
