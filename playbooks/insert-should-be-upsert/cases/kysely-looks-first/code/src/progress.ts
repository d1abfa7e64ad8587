import type { Kysely } from 'kysely';
import type { Database } from './types';

export async function start(db: Kysely<Database>, learnerId: string, lessonId: number) {
  const existing = await db
    .selectFrom('lesson_progress')
    .select('id')
    .where('learner_id', '=', learnerId)
    .where('lesson_id', '=', lessonId)
    .executeTakeFirst();
  if (existing) return;
  await db
    .insertInto('lesson_progress')
    .values({ learner_id: learnerId, lesson_id: lessonId })
    .execute();
}
