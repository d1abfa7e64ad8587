CREATE TABLE badges (id serial PRIMARY KEY, code text NOT NULL, owner text);
INSERT INTO badges (code, owner) VALUES ('a', 'x'), ('b', 'y');
CREATE UNIQUE INDEX badges_code_key ON badges (code);
-- What CREATE INDEX CONCURRENTLY leaves behind when it is cancelled late.
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'badges_code_key'::regclass;
