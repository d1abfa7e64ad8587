import { Pool } from 'pg';

const pool = new Pool();

export async function placeOrder(customer: string, total: number) {
  await pool.query('INSERT INTO orders (customer, total) VALUES ($1, $2)', [customer, total]);
}
