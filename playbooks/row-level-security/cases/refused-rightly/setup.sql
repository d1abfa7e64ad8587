CREATE TABLE notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner uuid NOT NULL, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY "own notes" ON notes TO authenticated USING ((SELECT auth.uid()) = owner);
GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO authenticated;
