CREATE TABLE drafts (id integer PRIMARY KEY, user_id uuid NOT NULL, thread integer NOT NULL, body text, UNIQUE (user_id, thread));
