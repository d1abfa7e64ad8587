DO $$ BEGIN CREATE ROLE fixit_case_reader NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
CREATE TABLE ledger (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, entry text UNIQUE, amount numeric);
ALTER TABLE ledger ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON ledger FOR SELECT TO fixit_case_reader USING (amount < 1000);
GRANT SELECT ON ledger TO fixit_case_reader;
