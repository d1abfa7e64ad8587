CREATE TABLE invitees (id serial PRIMARY KEY, email text NOT NULL, name text);
CREATE UNIQUE INDEX invitees_email_lower ON invitees (lower(email));
INSERT INTO invitees (email, name) VALUES ('Ann@x.org', 'Ann');
