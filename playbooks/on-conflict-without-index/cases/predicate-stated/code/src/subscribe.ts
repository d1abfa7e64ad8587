import { Pool } from 'pg';

const pool = new Pool();

export async function subscribe(accountId: number, plan: string, seats: number) {
  await pool.query(
    `INSERT INTO subscriptions (account_id, plan, seats) VALUES ($1, $2, $3)
     ON CONFLICT (account_id, plan) WHERE active = true DO UPDATE SET seats = EXCLUDED.seats`,
    [accountId, plan, seats],
  );
}
