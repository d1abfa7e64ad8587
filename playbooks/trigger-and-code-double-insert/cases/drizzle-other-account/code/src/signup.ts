import { db } from './db';
import { accounts, profiles } from './schema';

export async function signUp(email: string, parentId: string) {
  await db.insert(accounts).values({ email });
  await db.insert(profiles).values({ accountId: parentId }).onConflictDoNothing();
}
