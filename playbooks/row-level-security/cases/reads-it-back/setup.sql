INSERT INTO auth.users (id, email) VALUES ('11111111-1111-4111-8111-000000000001', 'ada@example.org');
CREATE TABLE "Journal Entry" (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "authorId" uuid NOT NULL REFERENCES auth.users (id),
  body       text NOT NULL CHECK (body <> '')
);
ALTER TABLE "Journal Entry" ENABLE ROW LEVEL SECURITY;
-- Says nothing about whose row it is, so it is no model for a policy on reading.
CREATE POLICY "Journal Entry_select_own" ON "Journal Entry" FOR INSERT TO authenticated WITH CHECK (length(body) < 10000);
GRANT SELECT, INSERT ON "Journal Entry" TO authenticated;
