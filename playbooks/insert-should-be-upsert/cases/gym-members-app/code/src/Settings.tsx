import { useEffect } from 'react';
import { supabase } from './client';

export function Settings({ memberId, theme }: { memberId: string; theme: string }) {
  useEffect(() => {
    async function store() {
      await supabase.from('app_settings').insert({ member_id: memberId, theme });
    }
    void store();
  }, [memberId, theme]);
  return <p>{theme}</p>;
}
