INSERT INTO invitees (event_id, email, name) VALUES (1, 'ann@x.org', 'Ann B') ON CONFLICT (event_id, email) DO UPDATE SET name = EXCLUDED.name;
