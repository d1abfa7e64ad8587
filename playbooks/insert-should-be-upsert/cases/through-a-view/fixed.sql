INSERT INTO prefs (id, user_id, theme) VALUES (gen_random_uuid(), 1, 'y') ON CONFLICT (user_id) DO UPDATE SET theme = EXCLUDED.theme;
