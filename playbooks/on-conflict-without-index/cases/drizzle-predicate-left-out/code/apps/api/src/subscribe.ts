import { db, subscriptions } from '@acme/db';
import { eq, sql } from 'drizzle-orm';

export async function subscribe(accountId: number, plan: string, seats: number) {
  await db
    .insert(subscriptions)
    .values({ accountId, plan, seats })
    .onConflictDoUpdate({ target: [subscriptions.accountId, subscriptions.plan], set: { seats } });
}
