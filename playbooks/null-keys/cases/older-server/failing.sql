INSERT INTO settings (team_id, name, value) VALUES (NULL, 'theme', '"plain"') ON CONFLICT (team_id, name) DO UPDATE SET value = EXCLUDED.value;
SELECT (SELECT value FROM settings WHERE team_id IS NULL AND name = 'theme');
