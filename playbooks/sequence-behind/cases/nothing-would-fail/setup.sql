CREATE TABLE accounts (id serial PRIMARY KEY, name text);
INSERT INTO accounts (name) VALUES ('Ada'), ('Grace');
INSERT INTO accounts VALUES (2147483647, 'system');

CREATE TABLE moved_to_own_ids (id bigserial PRIMARY KEY, note text);
ALTER TABLE moved_to_own_ids ALTER COLUMN id DROP DEFAULT;
INSERT INTO moved_to_own_ids SELECT n, 'n' FROM generate_series(1, 20) AS n;

-- Another sequence feeds it now; the one that it owns is a leftover.
CREATE TABLE fed_by_another (id bigserial PRIMARY KEY, note text);
CREATE SEQUENCE shared_ids START WITH 1000;
ALTER TABLE fed_by_another ALTER COLUMN id SET DEFAULT nextval('shared_ids');
INSERT INTO fed_by_another (note) VALUES ('a'), ('b');

CREATE TABLE log_lines (position bigserial, line text);
CREATE INDEX ON log_lines (position);
INSERT INTO log_lines SELECT n, 'n' FROM generate_series(1, 20) AS n;
