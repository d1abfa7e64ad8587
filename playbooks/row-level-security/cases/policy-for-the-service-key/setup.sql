CREATE TABLE push_log (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner uuid NOT NULL, title text NOT NULL);
ALTER TABLE push_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY "service inserts" ON push_log FOR INSERT WITH CHECK (auth.role() = 'service_role');
CREATE POLICY "own rows" ON push_log FOR SELECT USING (owner = (SELECT auth.uid()));
GRANT SELECT, INSERT ON push_log TO authenticated;
