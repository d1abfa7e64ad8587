import { db } from './db';
import { guests, invitations } from './schema';

export async function invite(eventId: number, emails: string[]) {
  await db.transaction(async (tx) => {
    let sent = 0;
    for (const email of emails) {
      try {
        await tx.insert(guests).values({ eventId, email });
        sent += 1;
      } catch (error: any) {
        if (error.cause?.code !== '23505') throw error;
      }
    }
    await tx.insert(invitations).values({ eventId, sent });
  });
}
