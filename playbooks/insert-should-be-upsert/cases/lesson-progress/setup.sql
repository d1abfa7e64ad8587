CREATE TABLE lessons (id integer PRIMARY KEY, title text NOT NULL);
INSERT INTO lessons VALUES (1, 'Tables'), (2, 'Keys'), (3, 'Conflicts');

INSERT INTO auth.users (id, email) VALUES
  ('11111111-1111-4111-8111-000000000001', 'ada@example.org'),
  ('11111111-1111-4111-8111-000000000002', 'grace@example.org')
ON CONFLICT DO NOTHING;

CREATE TABLE lesson_progress (
  id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id      uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  lesson_id    integer NOT NULL REFERENCES lessons (id),
  is_completed boolean NOT NULL DEFAULT false,
  started_at   timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT lesson_progress_user_id_lesson_id_key UNIQUE (user_id, lesson_id)
);
ALTER TABLE lesson_progress ENABLE ROW LEVEL SECURITY;
CREATE POLICY "own progress: read" ON lesson_progress FOR SELECT TO authenticated USING ((SELECT auth.uid()) = user_id);
CREATE POLICY "own progress: add" ON lesson_progress FOR INSERT TO authenticated WITH CHECK ((SELECT auth.uid()) = user_id);
CREATE POLICY "own progress: change" ON lesson_progress FOR UPDATE TO authenticated USING ((SELECT auth.uid()) = user_id) WITH CHECK ((SELECT auth.uid()) = user_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON lesson_progress TO authenticated;
GRANT SELECT ON lessons TO anon, authenticated;

INSERT INTO lesson_progress (user_id, lesson_id, is_completed, started_at) VALUES
  ('11111111-1111-4111-8111-000000000001', 1, true,  '2026-01-10 18:00+00'),
  ('11111111-1111-4111-8111-000000000001', 2, false, '2026-01-12 18:20+00'),
  ('11111111-1111-4111-8111-000000000002', 1, false, '2026-01-15 07:45+00');
