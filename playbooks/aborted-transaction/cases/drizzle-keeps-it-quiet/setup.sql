CREATE TABLE guests (id serial PRIMARY KEY, event_id integer NOT NULL, email text NOT NULL, CONSTRAINT guests_event_email UNIQUE (event_id, email));
CREATE TABLE invitations (id serial PRIMARY KEY, event_id integer NOT NULL, sent integer NOT NULL);
INSERT INTO guests (event_id, email) VALUES (1, 'a@example.org');
