CREATE TABLE contracts (id serial PRIMARY KEY, region text NOT NULL, title text NOT NULL, UNIQUE (id, region));
CREATE TABLE signatures (contract_id integer REFERENCES contracts (id), signed_by text, PRIMARY KEY (contract_id, signed_by));
CREATE FUNCTION open_contract(title text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO contracts (region, title) VALUES ('EU', open_contract.title);
  INSERT INTO signatures (contract_id, signed_by) VALUES (1, current_user);
END $$;
INSERT INTO contracts (region, title) VALUES ('EU', 'lease');
INSERT INTO contracts (id, region, title) SELECT n, 'US', 'copied' FROM generate_series(2, 30) AS n;

-- Regions number their own rows: the same id in another region is no conflict.
CREATE TABLE drafts (id serial, region text, title text, PRIMARY KEY (region, id));
INSERT INTO drafts (region, title) VALUES ('EU', 'a');
INSERT INTO drafts (id, region, title) SELECT n, 'US', 'copied' FROM generate_series(2, 30) AS n;

-- Only open ones have a key of their own.
CREATE TABLE tasks (id serial, state text NOT NULL, title text);
CREATE UNIQUE INDEX open_tasks ON tasks (id) WHERE state = 'open';
INSERT INTO tasks (id, state) SELECT n, 'done' FROM generate_series(1, 30) AS n;

-- Whoever writes these brings the id of the other region along.
CREATE TABLE mirrored (id serial PRIMARY KEY, title text);
INSERT INTO mirrored (id, title) SELECT n, 'copied' FROM generate_series(1, 30) AS n;

-- Restored far ahead, years away from here.
CREATE TABLE archived (id bigserial PRIMARY KEY, title text);
INSERT INTO archived (title) VALUES ('a');
INSERT INTO archived (id, title) VALUES (900000, 'restored');
