CREATE TABLE goals (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  owner_id uuid NOT NULL,
  slug text NOT NULL,
  title text NOT NULL DEFAULT '',
  CONSTRAINT goals_owner_slug_key UNIQUE (owner_id, slug)
);
INSERT INTO goals (owner_id, slug, title) VALUES ('11111111-1111-4111-8111-000000000001', 'run', 'Run');
