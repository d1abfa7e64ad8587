CREATE TABLE members (user_id uuid PRIMARY KEY REFERENCES auth.users (id), nickname text NOT NULL);
INSERT INTO auth.users (id, email) VALUES ('11111111-1111-4111-8111-000000000001', 'ada@example.org');
