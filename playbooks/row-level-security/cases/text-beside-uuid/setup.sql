DO $$ BEGIN CREATE ROLE fixit_case_app NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;

CREATE TABLE letters (user_id uuid NOT NULL, body text);
ALTER TABLE letters ENABLE ROW LEVEL SECURITY;
CREATE POLICY "own letters" ON letters TO fixit_case_app USING (user_id = current_setting('app.current_user_id')::uuid);
CREATE TABLE drafts (user_id text NOT NULL, body text);
ALTER TABLE drafts ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON letters, drafts TO fixit_case_app;
