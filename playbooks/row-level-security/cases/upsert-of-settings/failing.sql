INSERT INTO user_settings (user_id, theme) VALUES ('11111111-1111-4111-8111-000000000001', 'light')
ON CONFLICT (user_id) DO UPDATE SET user_id = EXCLUDED.user_id, theme = EXCLUDED.theme;
