import { sql } from './db'
export async function createInvoice(orgId: number, total: number) {
  const [{ next }] = await sql`select coalesce(max(number), 0) + 1 as next from invoices where org_id = ${orgId}`
  const [row] = await sql`insert into invoices (org_id, number, total) values (${orgId}, ${next}, ${total}) returning id, number`
  return row
}
