CREATE TABLE notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), account_id uuid NOT NULL, body text, slug text UNIQUE);
INSERT INTO notes (account_id, body) VALUES ('11111111-1111-4111-8111-00000000000a', 'x');
