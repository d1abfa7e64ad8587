import { Pool, PoolClient } from 'pg';

export interface PurchaseEvent {
  studentId: string;
  courseId: number;
  amountCents: number;
  paymentRef: string;
}

const pool = new Pool({ connectionString: process.env.POSTGRES_URL });

async function recordEvent(client: PoolClient, purchaseId: number, kind: string) {
  await client.query(
    'INSERT INTO purchase_events (purchase_id, kind) VALUES ($1, $2)',
    [purchaseId, kind],
  );
}

export async function handlePurchase(event: PurchaseEvent): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const purchaseId = await createPurchase(client, event);
    await recordEvent(client, purchaseId, 'created');
    await client.query('COMMIT');
    return purchaseId;
  } catch (err) {
    await client.query('ROLLBACK');
    throw err;
  } finally {
    client.release();
  }
}

async function createPurchase(client: PoolClient, event: PurchaseEvent): Promise<number> {
  const { rows } = await client.query(
    `INSERT INTO student_course_purchases (student_id, course_id, amount_cents, payment_ref, is_active)
     VALUES ($1, $2, $3, $4, true)
     ON CONFLICT (student_id, course_id) WHERE is_active = true
     DO UPDATE SET payment_ref = EXCLUDED.payment_ref
     RETURNING id`,
    [event.studentId, event.courseId, event.amountCents, event.paymentRef],
  );
  return rows[0].id;
}
