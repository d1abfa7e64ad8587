import { and, eq } from 'drizzle-orm';
import { db } from './db';
import { lessonProgress } from './db/schema';

export async function start(learnerId: string, lessonId: number) {
  const existing = await db.query.lessonProgress.findFirst({
    where: and(eq(lessonProgress.learnerId, learnerId), eq(lessonProgress.lessonId, lessonId)),
  });
  if (existing) return;

  await db.insert(lessonProgress).values({ learnerId, lessonId });
}
