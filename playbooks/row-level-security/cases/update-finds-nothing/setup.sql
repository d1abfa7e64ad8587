INSERT INTO auth.users (id, email) VALUES ('11111111-1111-4111-8111-000000000001', 'ada@example.org');
CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users, name text NOT NULL);
ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
CREATE POLICY "everybody sees profiles" ON profiles FOR SELECT USING (true);
CREATE POLICY "people make their profile" ON profiles FOR INSERT TO authenticated WITH CHECK ((SELECT auth.uid()) = id);
GRANT SELECT, INSERT, UPDATE ON profiles TO authenticated;
INSERT INTO profiles VALUES ('11111111-1111-4111-8111-000000000001', 'Ada');
