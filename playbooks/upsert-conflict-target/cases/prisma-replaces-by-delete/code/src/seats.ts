import { prisma } from './clients';

export async function rebook(showId: number, row: string, guest: string) {
  await prisma.seat.deleteMany({ where: { showId, row } });
  await prisma.seat.create({ data: { showId, row, guest } });
}
