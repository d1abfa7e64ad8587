import { Pool } from 'pg';
import { UPSERT_SUBSCRIPTION } from './queries';

const pool = new Pool();

export async function subscribe(accountId: number, plan: string, seats: number) {
  await pool.query(UPSERT_SUBSCRIPTION, [accountId, plan, seats]);
}
