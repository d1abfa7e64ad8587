import { integer, pgTable, serial, text } from 'drizzle-orm/pg-core';

export const guests = pgTable('guests', { id: serial('id').primaryKey(), eventId: integer('event_id'), email: text('email') });
export const invitations = pgTable('invitations', { id: serial('id').primaryKey(), eventId: integer('event_id'), sent: integer('sent') });
