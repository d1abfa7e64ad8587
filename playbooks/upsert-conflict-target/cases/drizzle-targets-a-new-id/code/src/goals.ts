import { goals } from './schema';
import type { Database } from './db';

export async function save(db: Database, ownerId: string, slug: string, title: string) {
  await db.insert(goals).values({ ownerId, slug, title }).onConflictDoUpdate({ target: goals.id, set: { title } });
}
