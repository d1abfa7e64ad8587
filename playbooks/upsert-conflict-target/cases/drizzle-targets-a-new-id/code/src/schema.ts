import { pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { randomUUID } from 'node:crypto';

const id = () => uuid('id').primaryKey().$defaultFn(() => randomUUID());

export const goals = pgTable('goals', { id: id(), ownerId: uuid('owner_id').notNull(), slug: text().notNull(), title: text().notNull() }, (t) => ({
  ownerSlug: uniqueIndex('goals_owner_slug_key').on(t.ownerId, t.slug),
}));
