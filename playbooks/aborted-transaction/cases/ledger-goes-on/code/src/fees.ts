import { PoolClient } from 'pg';

export async function charge(client: PoolClient, member: number, month: string) {
  try {
    await client.query('BEGIN');
    await client.query('INSERT INTO payments (member_id, month, amount) VALUES ($1, $2, 20)', [member, month]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    await client.query('INSERT INTO failures (what) VALUES ($1)', [month]);
    throw error;
  }
}

// Commits what the catch block wrote.
export async function chargeOrNote(client: PoolClient, member: number, month: string) {
  await client.query('BEGIN');
  await client.query('UPDATE members SET card = card WHERE id = $1', [member]);
  try {
    await client.query('INSERT INTO payments (member_id, month, amount) VALUES ($1, $2, 20)', [member, month]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('INSERT INTO failures (what) VALUES ($1)', [month]);
    await client.query('COMMIT');
  }
}

// The first error is kept quiet; so is every one that follows it.
export async function enter(client: PoolClient, cards: string[]) {
  await client.query('BEGIN');
  await client.query('INSERT INTO failures (what) VALUES ($1)', ['start of the import']);
  for (const card of cards) {
    try {
      await client.query('INSERT INTO members (card) VALUES ($1)', [card]);
    } catch (error) {
      console.warn('known already', card);
    }
  }
  await client.query('COMMIT');
}

// Two statements may fail here; the last one is named.
export async function chargeTwice(client: PoolClient, other: PoolClient, member: number) {
  try {
    await client.query('START TRANSACTION');
    await client.query('INSERT INTO members (card) VALUES ($1)', ['B-1']);
    await other.query('INSERT INTO failures (what) VALUES ($1)', ['charged twice']);
    await client.query('INSERT INTO receipts (member_id, number) VALUES ($1, $2)', [member, 'R-1']);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('SELECT 1 FROM payments WHERE member_id = $1', [member]);
    await client.query('INSERT INTO failures (what) VALUES ($1)', [String(error)]);
    await client.query('ROLLBACK');
    throw error;
  }
}

// Nothing but the loop stands in the transaction: one that fails takes all the others with it.
export async function noteAll(client: PoolClient, whats: string[]) {
  await client.query('BEGIN');
  for (const what of whats) {
    try {
      await client.query('INSERT INTO failures (what) VALUES ($1)', [what]);
    } catch (error) {
      console.warn('not noted', what);
    }
  }
  await client.query('COMMIT');
}

// Each line has a transaction of its own.
export async function noteEach(client: PoolClient, whats: string[]) {
  for (const what of whats) {
    await client.query('BEGIN');
    try {
      await client.query('INSERT INTO failures (what) VALUES ($1)', [what]);
    } catch (error) {
      console.warn('not noted', what);
    }
    await client.query('COMMIT');
  }
}
