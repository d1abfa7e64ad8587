CREATE TABLE notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner uuid NOT NULL, slug text NOT NULL, body text, UNIQUE (owner, slug));
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY "own notes" ON notes USING ((SELECT auth.uid()) = owner) WITH CHECK ((SELECT auth.uid()) = owner);
GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO authenticated;

-- Added once and never changed: no UPDATE policy, and none is needed.
CREATE TABLE visits (owner uuid NOT NULL, page text NOT NULL, PRIMARY KEY (owner, page));
ALTER TABLE visits ENABLE ROW LEVEL SECURITY;
CREATE POLICY "see own visits" ON visits FOR SELECT TO authenticated USING ((SELECT auth.uid()) = owner);
CREATE POLICY "add own visits" ON visits FOR INSERT TO authenticated WITH CHECK ((SELECT auth.uid()) = owner);
GRANT SELECT, INSERT ON visits TO authenticated;

CREATE TABLE feedback (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), body text);
ALTER TABLE feedback ENABLE ROW LEVEL SECURITY;
CREATE POLICY "anybody writes" ON feedback FOR INSERT TO anon, authenticated WITH CHECK (length(body) < 5000);
GRANT INSERT ON feedback TO anon, authenticated;
