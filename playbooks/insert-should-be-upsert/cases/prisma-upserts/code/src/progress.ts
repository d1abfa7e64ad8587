import { Prisma } from '@prisma/client';
import { prisma } from './client';

export async function finish(learnerId: string, lessonId: number) {
  return prisma.lessonProgress.upsert({
    where: { learnerId_lessonId: { learnerId, lessonId } },
    create: { learnerId, lessonId, done: true },
    update: { done: true },
  });
}

export async function start(learnerId: string, lessonId: number) {
  const there = await prisma.lessonProgress.findUnique({ where: { learnerId_lessonId: { learnerId, lessonId } } });
  if (there) return there;
  try {
    return await prisma.lessonProgress.create({ data: { learnerId, lessonId } });
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002') return null;
    throw error;
  }
}

export async function startAll(learnerId: string, lessons: number[]) {
  await prisma.lessonProgress.createMany({ data: lessons.map((lessonId) => ({ learnerId, lessonId })), skipDuplicates: true });
}
