CREATE TABLE members (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), remote_id text NOT NULL, email text NOT NULL UNIQUE, name text);
INSERT INTO members (remote_id, email, name) VALUES ('r1', 'ann@example.org', 'Ann');
CREATE TABLE teams (slug text PRIMARY KEY, title text);
