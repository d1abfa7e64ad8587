import { bigserial, boolean, integer, pgTable, text } from 'drizzle-orm/pg-core';

export const subscriptions = pgTable('subscriptions', {
  id: bigserial({ mode: 'number' }).primaryKey(),
  accountId: integer().notNull(),
  plan: text().notNull(),
  isActive: boolean().notNull().default(true),
  seats: integer().notNull(),
});
