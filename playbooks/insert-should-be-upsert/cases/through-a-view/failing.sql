INSERT INTO prefs (id, user_id, theme, created_at) VALUES (gen_random_uuid(), 1, 'y', now());
