CREATE TABLE team_members (team integer NOT NULL, person uuid NOT NULL, PRIMARY KEY (team, person));
ALTER TABLE team_members ENABLE ROW LEVEL SECURITY;
CREATE POLICY "members invite" ON team_members FOR INSERT TO authenticated
  WITH CHECK (EXISTS (SELECT 1 FROM team_members m WHERE m.team = team_members.team AND m.person = auth.uid()));
GRANT SELECT, INSERT ON team_members TO authenticated;
