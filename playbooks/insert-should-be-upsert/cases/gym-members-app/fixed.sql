INSERT INTO check_ins (member_id, day) VALUES ('11111111-1111-4111-8111-00000000000a', '2026-03-01') ON CONFLICT (member_id, day) DO NOTHING;
INSERT INTO app_settings (member_id, theme) VALUES ('11111111-1111-4111-8111-00000000000a', 'light') ON CONFLICT (member_id) DO UPDATE SET theme = EXCLUDED.theme;
