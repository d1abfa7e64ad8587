INSERT INTO invitees (email, name) VALUES ('ann@x.org', 'Ann B') ON CONFLICT (lower(email)) DO UPDATE SET name = EXCLUDED.name;
