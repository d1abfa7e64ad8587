import { eq } from 'drizzle-orm';
import { db, prisma } from './clients';
import { seats } from './schema';

export async function replaceAll(showId: number, rows: { row: string; guest: string }[]) {
  await prisma.$transaction([
    prisma.seat.deleteMany({ where: { showId } }),
    prisma.seat.createMany({ data: rows.map(({ row, guest }) => ({ showId, row, guest })) }),
  ]);
}

export async function replaceOne(showId: number, row: string, guest: string) {
  await db.transaction(async (tx) => {
    await tx.delete(seats).where(eq(seats.showId, showId));
    await tx.insert(seats).values({ showId, row, guest });
  });
}
