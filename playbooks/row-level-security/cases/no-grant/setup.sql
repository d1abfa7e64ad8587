CREATE TABLE drafts (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), author uuid NOT NULL, body text);
ALTER TABLE drafts ENABLE ROW LEVEL SECURITY;
CREATE POLICY "own drafts" ON drafts TO authenticated USING ((SELECT auth.uid()) = author);
GRANT SELECT ON drafts TO authenticated;
