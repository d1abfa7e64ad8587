import { Pool } from 'pg';

const pool = new Pool();

export async function sell(show: number, seat: number | null) {
  await pool.query('INSERT INTO tickets (show, seat) VALUES ($1, $2)', [show, seat]);
}

export async function rateOfTheNorth(product: number, amount: number) {
  await pool.query(
    `INSERT INTO rates (product, region, amount) VALUES ($1, 'north', $2)
     ON CONFLICT (product, region) DO UPDATE SET amount = EXCLUDED.amount`,
    [product, amount],
  );
}

export async function assign(show: number, seat: number, holder: string) {
  await pool.query(
    `INSERT INTO tickets (show, seat, holder) VALUES ($1, $2, $3)
     ON CONFLICT (show, seat) DO UPDATE SET holder = EXCLUDED.holder`,
    [show, seat, holder],
  );
}
