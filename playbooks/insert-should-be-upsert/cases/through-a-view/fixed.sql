INSERT INTO prefs (user_id, theme) VALUES (1, 'y') ON CONFLICT (user_id) DO UPDATE SET theme = EXCLUDED.theme;
