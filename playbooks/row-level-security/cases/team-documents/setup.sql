CREATE TABLE memberships (team integer NOT NULL, person uuid NOT NULL, PRIMARY KEY (team, person));
INSERT INTO memberships VALUES (1, '11111111-1111-4111-8111-000000000001');
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;
CREATE POLICY "own memberships" ON memberships FOR SELECT TO authenticated USING (person = auth.uid());
GRANT SELECT ON memberships TO authenticated;

CREATE TABLE documents (team integer NOT NULL, slug text NOT NULL, body text, public boolean NOT NULL DEFAULT false, PRIMARY KEY (team, slug));
ALTER TABLE documents ENABLE ROW LEVEL SECURITY;
-- Reading is wider than writing: it is no model for a policy on changes.
CREATE POLICY "published or of the team" ON documents FOR SELECT TO authenticated
  USING (public OR team IN (SELECT m.team FROM memberships m WHERE m.person = auth.uid()));
CREATE POLICY "team writes" ON documents FOR INSERT TO authenticated
  WITH CHECK (EXISTS (SELECT 1 FROM memberships m WHERE m.team = documents.team AND m.person = auth.uid()));
GRANT SELECT, INSERT, UPDATE ON documents TO authenticated;
INSERT INTO documents VALUES (1, 'plan', 'old');
