import { integer, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';

export const stock = pgTable(
  'stock',
  { sku: text('sku').primaryKey(), amount: integer('amount').notNull() },
  (t) => [uniqueIndex('stock_pkey').on(t.sku)],
);
