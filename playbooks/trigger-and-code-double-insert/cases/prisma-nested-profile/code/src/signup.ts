import { prisma } from './client';

export async function signUp(email: string) {
  return prisma.account.create({
    data: { email, profile: { create: {} } },
    include: { profile: true },
  });
}
