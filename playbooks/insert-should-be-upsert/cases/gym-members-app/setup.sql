CREATE TABLE members (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE check_ins (
  id        uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  member_id uuid NOT NULL REFERENCES members (id),
  day       date NOT NULL,
  source    text NOT NULL DEFAULT 'app',
  CONSTRAINT check_ins_member_day UNIQUE (member_id, day)
);
CREATE TABLE locker_claims (member_id uuid REFERENCES members (id), locker integer, since timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (member_id, locker));
CREATE TABLE app_settings (member_id uuid PRIMARY KEY REFERENCES members (id), theme text NOT NULL);
CREATE TABLE home_addresses (member_id uuid PRIMARY KEY REFERENCES members (id), street text NOT NULL);

INSERT INTO members VALUES ('11111111-1111-4111-8111-00000000000a', 'Ada');
INSERT INTO check_ins (member_id, day) VALUES ('11111111-1111-4111-8111-00000000000a', '2026-03-01');
INSERT INTO locker_claims VALUES ('11111111-1111-4111-8111-00000000000a', 7);
INSERT INTO app_settings VALUES ('11111111-1111-4111-8111-00000000000a', 'dark');
