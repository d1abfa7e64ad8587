INSERT INTO prefs (id, user_id, theme) VALUES (gen_random_uuid(), 1, 'y');
