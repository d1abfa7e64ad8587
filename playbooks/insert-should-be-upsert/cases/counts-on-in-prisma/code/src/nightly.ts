import { PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();

export async function addMissedRound(pupil: string) {
  const sum = await prisma.practiceTotals.findUnique({ where: { pupil } });
  if (!sum) {
    await prisma.practiceTotals.create({ data: { pupil, rounds: 1 } });
  } else {
    await prisma.practiceTotals.update({ where: { id: sum.id }, data: { rounds: { increment: 1 } } });
  }
}
