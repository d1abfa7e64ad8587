import { Pool } from 'pg';

const pool = new Pool();

export async function placeOrder(tenant: number, customer: number) {
  const { rows } = await pool.query('INSERT INTO shop.orders (tenant, customer) VALUES ($1, $2) RETURNING id', [tenant, customer]);
  return rows[0].id;
}
