import { sql } from './db'
export const offer = (item: number, status: string, price: number) => sql`
  insert into offers (item_id, status, price) values (${item}, ${status}, ${price})
  on conflict (item_id) where status = ${status} do update set price = excluded.price`
