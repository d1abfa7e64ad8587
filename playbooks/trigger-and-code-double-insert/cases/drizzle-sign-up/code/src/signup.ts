import { db } from './db';
import * as schema from './schema';

export async function signUp(email: string) {
  return db.transaction(async (tx) => {
    const [account] = await tx.insert(schema.accounts).values({ email }).returning();
    await tx.insert(schema.profiles).values({ accountId: account.id });
    return account;
  });
}
