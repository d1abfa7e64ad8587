INSERT INTO tripwire_users (user_id, email, full_name) VALUES ('33333333-0000-4000-8000-0000000000aa', 'new@example.org', 'New Student');
