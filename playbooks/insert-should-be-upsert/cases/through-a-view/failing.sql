INSERT INTO prefs (user_id, theme) VALUES (1, 'y');
