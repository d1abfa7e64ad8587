import { Pool } from 'pg';

const pool = new Pool();

export async function follow(follower: number, followed: number) {
  await pool.query(
    `INSERT INTO follows (follower, followed) VALUES ($1, $2)
     ON CONFLICT (follower, followed) DO UPDATE SET removed_at = NULL`,
    [follower, followed],
  );
}

export async function unfollow(follower: number, followed: number) {
  await pool.query('UPDATE follows SET removed_at = now() WHERE follower = $1 AND followed = $2', [follower, followed]);
}

export async function bill(number: string, total: number) {
  await pool.query('INSERT INTO bills (bill_number, total) VALUES ($1, $2)', [number, total]);
}

export async function signUp(email: string) {
  await pool.query('INSERT INTO readers (email) VALUES ($1)', [email]);
}

export async function leave(id: number) {
  await pool.query("UPDATE readers SET deleted_at = now(), email = 'gone-' || id WHERE id = $1", [id]);
}

export async function voidBill(number: string) {
  await pool.query('UPDATE bills SET voided_at = now(), is_deleted = true WHERE bill_number = $1', [number]);
}
