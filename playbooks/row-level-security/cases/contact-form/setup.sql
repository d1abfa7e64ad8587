CREATE TABLE contact_messages (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  address text NOT NULL,
  body    text NOT NULL
);
ALTER TABLE contact_messages ENABLE ROW LEVEL SECURITY;
CREATE POLICY "anybody may write to us" ON contact_messages FOR INSERT TO anon WITH CHECK (length(body) < 5000);
GRANT SELECT, INSERT ON contact_messages TO anon;
