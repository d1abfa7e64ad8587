import { EntityManager } from 'typeorm';
import { Goal } from './goal.entity';

export async function save(manager: EntityManager, ownerId: string, slug: string, title: string) {
  await manager.upsert(Goal, { ownerId, slug, title }, ['id']);
}
