import { DataSource } from 'typeorm';
import { LessonProgress } from './lesson-progress.entity';

export async function finish(source: DataSource, learnerId: string, lessonId: number) {
  const rows = source.getRepository(LessonProgress);
  await rows.upsert({ learnerId, lessonId, done: true }, ['learnerId', 'lessonId']);
}

export async function reopen(source: DataSource, learnerId: string, lessonId: number) {
  const row = await source.manager.findOneByOrFail(LessonProgress, { learnerId, lessonId });
  row.done = false;
  await source.manager.save(row);
}
