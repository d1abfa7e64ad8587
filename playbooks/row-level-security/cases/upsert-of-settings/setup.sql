INSERT INTO auth.users (id, email) VALUES ('11111111-1111-4111-8111-000000000001', 'ada@example.org');
CREATE TABLE user_settings (
  user_id uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE,
  theme   text NOT NULL DEFAULT 'light'
);
ALTER TABLE user_settings ENABLE ROW LEVEL SECURITY;
CREATE POLICY "people add their settings" ON user_settings FOR INSERT TO authenticated WITH CHECK ((SELECT auth.uid()) = user_id);
GRANT SELECT, INSERT, UPDATE ON user_settings TO authenticated;
INSERT INTO user_settings VALUES ('11111111-1111-4111-8111-000000000001', 'dark');
