import { Pool } from 'pg';

const pool = new Pool();

export const add = (name: string) => pool.query('INSERT INTO tags (name) VALUES ($1)', [name]);
