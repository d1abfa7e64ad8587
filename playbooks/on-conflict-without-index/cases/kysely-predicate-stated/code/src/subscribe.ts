import { type Kysely, sql } from 'kysely';
import type { Database } from './types';

export async function subscribe(db: Kysely<Database>, accountId: number, plan: string, seats: number) {
  await db
    .insertInto('subscriptions')
    .values({ account_id: accountId, plan, seats })
    .onConflict((oc) =>
      oc
        .columns(['plan', 'account_id'])
        .where(sql<boolean>`is_active`)
        .doUpdateSet((eb) => ({ seats: eb.ref('excluded.seats') })),
    )
    .execute();
}
