CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- update the time stamp
  NEW.updated_at := now();
  RETURN NEW;
END $$;
CREATE TABLE members (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  team_id integer NOT NULL,
  user_id uuid,
  role text NOT NULL DEFAULT 'member',
  label text GENERATED ALWAYS AS (role || ' of ' || team_id::text) STORED,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER members_touch BEFORE INSERT OR UPDATE ON members FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TABLE tasks (id serial PRIMARY KEY, title text, member_id bigint REFERENCES members (id),
  reviewer_id bigint REFERENCES members (id) ON DELETE SET NULL, updated_at timestamptz NOT NULL DEFAULT now());
CREATE TRIGGER tasks_touch BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TABLE badges (member_id bigint NOT NULL REFERENCES members (id) ON DELETE CASCADE, badge text NOT NULL, PRIMARY KEY (member_id, badge));
ALTER TABLE members DISABLE TRIGGER members_touch;
INSERT INTO members (team_id, user_id, role, updated_at) VALUES
  (1, '6d0c3c54-2f6f-4a52-9a3e-000000000001', 'owner', '2026-01-01'), (1, '6d0c3c54-2f6f-4a52-9a3e-000000000001', 'member', '2026-02-01'),
  (1, '6d0c3c54-2f6f-4a52-9a3e-000000000001', 'member', '2026-01-15'), (2, '6d0c3c54-2f6f-4a52-9a3e-000000000001', 'member', '2026-01-15'),
  (2, '6d0c3c54-2f6f-4a52-9a3e-000000000002', 'guest', '2026-01-20'), (2, '6d0c3c54-2f6f-4a52-9a3e-000000000002', 'member', '2026-01-19'),
  (3, NULL, 'invited', '2026-01-01'), (3, NULL, 'invited', '2026-01-02');
ALTER TABLE members ENABLE TRIGGER members_touch;
INSERT INTO tasks (title, member_id, reviewer_id) VALUES ('a', 1, 2), ('b', 2, NULL), ('c', 3, 1), ('d', 4, 6), ('e', NULL, NULL), ('f', 7, 8);
INSERT INTO badges VALUES (1, 'founder'), (2, 'helper'), (3, 'early'), (6, 'helper');
