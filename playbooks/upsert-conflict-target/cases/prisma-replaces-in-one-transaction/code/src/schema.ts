import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core';

export const seats = pgTable('seats', {
  id: bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
  showId: integer('show_id').notNull(),
  row: text().notNull(),
  guest: text().notNull(),
});
