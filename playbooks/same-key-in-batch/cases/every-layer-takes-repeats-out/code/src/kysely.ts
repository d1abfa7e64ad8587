import { Kysely } from 'kysely';
import type { DB } from './types';

export async function saveStock(db: Kysely<DB>, rows: { sku: string; amount: number }[]) {
  const once = rows.filter((row, at) => rows.findIndex((other) => other.sku === row.sku) === at);
  await db
    .insertInto('stock')
    .values(once)
    .onConflict((oc) => oc.column('sku').doUpdateSet((eb) => ({ amount: eb.ref('excluded.amount') })))
    .execute();
}
