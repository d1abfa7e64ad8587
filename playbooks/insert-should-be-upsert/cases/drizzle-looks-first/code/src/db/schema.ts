import { bigint, boolean, integer, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';

export const learners = pgTable('learners', {
  id: uuid('id').primaryKey().defaultRandom(),
  email: text('email').notNull().unique(),
});

export const lessonProgress = pgTable(
  'lesson_progress',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
    learnerId: uuid('learner_id').notNull().references(() => learners.id),
    lessonId: integer('lesson_id').notNull(),
    done: boolean('done').notNull().default(false),
  },
  (t) => [unique('lesson_progress_once').on(t.learnerId, t.lessonId)],
);
