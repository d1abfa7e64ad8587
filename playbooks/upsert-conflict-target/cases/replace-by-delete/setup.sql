CREATE TABLE tags (id serial PRIMARY KEY, note_id uuid NOT NULL, name text NOT NULL, UNIQUE (note_id, name));
