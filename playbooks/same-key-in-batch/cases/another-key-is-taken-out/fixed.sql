INSERT INTO members (remote_id, email, name) VALUES ('r3', 'bea@example.org', 'Bea B') ON CONFLICT (email) DO UPDATE SET remote_id = EXCLUDED.remote_id, name = EXCLUDED.name;
