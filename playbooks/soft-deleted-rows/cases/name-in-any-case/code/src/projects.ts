import { Pool } from 'pg';

const pool = new Pool({ options: '-c search_path=app' });

export async function remove(id: string) {
  await pool.query('UPDATE app."Project" SET "isDeleted" = true WHERE id = $1', [id]);
}

export async function list(space: number) {
  return (await pool.query('SELECT * FROM app."Project" WHERE "spaceId" = $1 AND NOT "isDeleted"', [space])).rows;
}

export async function create(space: number, name: string) {
  await pool.query('INSERT INTO app."Project" ("spaceId", "fullName") VALUES ($1, $2)', [space, name]);
}
