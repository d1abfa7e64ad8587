import { createClient } from '@supabase/supabase-js';

const supabase = createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_KEY!);

interface FeedItem {
  article: string;
  price: number;
}

export async function importFeed(shopId: number, feed: FeedItem[]) {
  await supabase.from('imports').insert({ shop_id: shopId });
  const rows = feed
    .filter((item) => item.price > 0)
    .map((item) => ({
      shop_id: shopId,
      sku: item.article.trim(),
      amount_cents: Math.round(item.price * 100),
    }));
  const { error } = await supabase
    .from('prices')
    .upsert(rows, { onConflict: 'shop_id,sku' });
  if (error) throw error;
}
