import { Pool } from 'pg';

const pool = new Pool();

export async function addContract(region: string, title: string) {
  await pool.query('INSERT INTO contracts (region, title) VALUES ($1, $2)', [region, title]);
}

export async function copyContract(id: number, region: string, title: string) {
  await pool.query('INSERT INTO contracts (id, region, title) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING', [id, region, title]);
}

export async function renameContract(id: number, title: string) {
  await pool.query('UPDATE contracts SET title = $2 WHERE id = $1', [id, title]);
}

export async function mirror(id: number, title: string) {
  await pool.query('INSERT INTO mirrored (id, title) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING', [id, title]);
}

export async function forget(id: number) {
  await pool.query('DELETE FROM mirrored WHERE id = $1', [id]);
}

export async function sign(id: number, name: string) {
  await pool.query('INSERT INTO signatures (contract_id, signed_by) VALUES ($1, $2) ON CONFLICT DO NOTHING', [id, name]);
}
