import { prisma } from './client';

export async function save(goal: { id?: string; ownerId: string; slug: string; title: string }) {
  return prisma.goal.upsert({
    where: { id: goal.id ?? '00000000-0000-4000-8000-000000000000' },
    create: { ownerId: goal.ownerId, slug: goal.slug, title: goal.title },
    update: { title: goal.title },
  });
}
