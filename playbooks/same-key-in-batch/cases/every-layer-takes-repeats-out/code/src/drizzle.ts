import { sql } from 'drizzle-orm';
import { db } from './db';
import { stock } from './schema';

type Row = { sku: string; amount: number };

export async function saveStock(rows: Row[]) {
  const latest = new Map<string, Row>();
  for (const row of rows) latest.set(row.sku, row);
  await db
    .insert(stock)
    .values([...latest.values()])
    .onConflictDoUpdate({ target: stock.sku, set: { amount: sql`excluded.amount` } });
}
