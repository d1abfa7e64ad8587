DO $$ BEGIN CREATE ROLE fixit_case_signed_in NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
GRANT fixit_case_signed_in TO authenticated;
CREATE TABLE plans (owner uuid NOT NULL, day date NOT NULL, body text, PRIMARY KEY (owner, day));
ALTER TABLE plans ENABLE ROW LEVEL SECURITY;
CREATE POLICY "see own plans" ON plans FOR SELECT TO fixit_case_signed_in USING (owner = auth.uid());
CREATE POLICY "make own plans" ON plans FOR INSERT TO authenticated WITH CHECK (owner = auth.uid());
CREATE POLICY "change own plans" ON plans FOR UPDATE TO fixit_case_signed_in USING (owner = auth.uid());
GRANT SELECT, INSERT, UPDATE ON plans TO authenticated;
