import { Pool } from 'pg';

const pool = new Pool();

export async function enrol(student: number, course: number) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('INSERT INTO enrolments (student, course) VALUES ($1, $2)', [student, course]);
    await client.query('COMMIT');
  } catch (err) {
    await client.query('ROLLBACK');
    await pool.query('INSERT INTO enrolment_log (student, note) VALUES ($1, $2)', [student, 'failed']);
    throw err;
  } finally {
    client.release();
  }
}
