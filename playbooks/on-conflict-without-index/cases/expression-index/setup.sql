CREATE TABLE invitees (id serial PRIMARY KEY, event_id int NOT NULL DEFAULT 1, email text NOT NULL, name text);
CREATE UNIQUE INDEX invitees_email_lower ON invitees (event_id, lower(email));
INSERT INTO invitees (email, name) VALUES ('Ann@x.org', 'Ann');
