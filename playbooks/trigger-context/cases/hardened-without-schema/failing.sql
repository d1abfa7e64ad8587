INSERT INTO auth.users (email) VALUES ('ada@example.org');
