import type { PoolClient } from 'pg';
import { UPSERT_SUBSCRIPTION } from './queries';

export async function renew(client: PoolClient, accountId: number, seats: number) {
  await client.query(UPSERT_SUBSCRIPTION, [accountId, 'yearly', seats]);
}
