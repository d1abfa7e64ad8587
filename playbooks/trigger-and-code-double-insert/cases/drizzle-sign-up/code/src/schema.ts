import { pgTable, serial, text, uuid } from 'drizzle-orm/pg-core';

export const accounts = pgTable('accounts', { id: uuid().primaryKey().defaultRandom(), email: text().notNull() });
export const profiles = pgTable('profiles', {
  id: serial().primaryKey(),
  accountId: uuid('account_id').notNull().references(() => accounts.id),
});
