INSERT INTO auth.users (id, email) VALUES ('44444444-0000-4000-8000-0000000000aa', 'new@example.org');
INSERT INTO profiles (id, username) VALUES ('44444444-0000-4000-8000-0000000000aa', 'newbie');
