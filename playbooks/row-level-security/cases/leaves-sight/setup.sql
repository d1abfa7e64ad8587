CREATE TABLE notes (id integer PRIMARY KEY, owner uuid NOT NULL, body text, "deletedAt" timestamptz);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON notes TO authenticated;
CREATE POLICY seen ON notes FOR SELECT TO authenticated USING (owner = auth.uid() AND "deletedAt" IS NULL);
CREATE POLICY changed ON notes FOR UPDATE TO authenticated USING (owner = auth.uid()) WITH CHECK (owner = auth.uid());
INSERT INTO notes VALUES (1, '00000000-0000-4000-8000-000000000001', 'a', NULL);
