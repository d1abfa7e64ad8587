import { Pool, PoolClient } from 'pg';

const pool = new Pool();

export async function pay(client: PoolClient, member: number, month: string) {
  try {
    await client.query('BEGIN');
    await client.query('INSERT INTO payments (member_id, month, amount) VALUES ($1, $2, 20)', [member, month]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('abort');
    await client.query('INSERT INTO failures (what) VALUES ($1)', [String(error)]);
    throw error;
  }
}

// Without a transaction each statement stands for itself.
export async function join(client: PoolClient, card: string) {
  try {
    await client.query('INSERT INTO members (card) VALUES ($1)', [card]);
  } catch (error) {
    await client.query('INSERT INTO failures (what) VALUES ($1)', [card]);
  }
}

export async function joinThenPay(client: PoolClient, card: string, member: number) {
  try {
    await client.query('INSERT INTO members (card) VALUES ($1)', [card]);
  } catch (error) {
    await client.query('INSERT INTO failures (what) VALUES ($1)', [card]);
  }
  await client.query('BEGIN');
  await client.query('INSERT INTO payments (member_id, month, amount) VALUES ($1, now(), 20)', [member]);
  await client.query('COMMIT');
}

export async function payTogether(writer: PoolClient, audit: PoolClient, members: number[]) {
  try {
    await writer.query('BEGIN');
    for (const member of members) {
      await writer.query('INSERT INTO payments (member_id, month, amount) VALUES ($1, now(), 20)', [member]);
    }
    await writer.query('COMMIT');
  } catch (error) {
    await audit.query('INSERT INTO failures (what) VALUES ($1)', [String(error)]);
    await writer.query(`
      ROLLBACK
    `);
    throw error;
  }
}

// The only statement: there is nothing else to lose.
export async function payOnce(client: PoolClient, member: number) {
  await client.query('START TRANSACTION');
  try {
    await client.query('INSERT INTO payments (member_id, month, amount) VALUES ($1, now(), 20)', [member]);
  } catch (error) {
    console.warn('paid already', error);
  }
  await client.query('COMMIT');
}

export async function importCards(client: PoolClient, cards: string[]) {
  await client.query('BEGIN');
  for (const card of cards) {
    await client.query('SAVEPOINT card');
    try {
      await client.query('INSERT INTO members (card) VALUES ($1)', [card]);
      await client.query('RELEASE SAVEPOINT card');
    } catch (error) {
      await client.query('ROLLBACK TO SAVEPOINT card');
      await client.query('INSERT INTO failures (what) VALUES ($1)', [card]);
    }
  }
  await client.query('COMMIT');
}

export async function noteBesides(client: PoolClient, member: number) {
  await client.query('BEGIN');
  await client.query('INSERT INTO payments (member_id, month, amount) VALUES ($1, now(), 20)', [member]);
  try {
    await pool.query('INSERT INTO failures (what) VALUES ($1)', ['none']);
  } catch (error) {
    console.warn('not noted', error);
  }
  await client.query('UPDATE payments SET amount = 25 WHERE member_id = $1', [member]);
  await client.query('COMMIT');
}
