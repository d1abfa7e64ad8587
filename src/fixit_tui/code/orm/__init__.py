"""Calls of data layers that build their SQL themselves: Drizzle, Prisma and their like."""
