import { and, eq, sql } from 'drizzle-orm';
import { db } from './db';
import { lessonProgress } from './db/schema';

export async function start(learnerId: string, lessonId: number) {
  const existing = await db
    .select()
    .from(lessonProgress)
    .where(and(eq(lessonProgress.learnerId, learnerId), eq(lessonProgress.lessonId, lessonId)))
    .limit(1);
  if (existing.length > 0) return;
  await db
    .insert(lessonProgress)
    .values({ learnerId, lessonId })
    .onConflictDoNothing({ target: [lessonProgress.lessonId, lessonProgress.learnerId] });
}

export async function finish(learnerId: string, lessonId: number) {
  await db
    .insert(lessonProgress)
    .values({ learnerId, lessonId, done: true })
    .onConflictDoUpdate({
      target: [lessonProgress.learnerId, lessonProgress.lessonId],
      set: { done: sql`excluded.done` },
    });
}
