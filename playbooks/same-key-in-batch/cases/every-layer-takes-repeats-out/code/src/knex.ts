import knex from 'knex';
import _ from 'lodash';

const db = knex({ client: 'pg' });

export async function saveStock(rows: { sku: string; amount: number }[]) {
  const once = _.uniqBy(rows, (row) => row.sku);
  await db('stock').insert(once).onConflict('sku').merge();
}
