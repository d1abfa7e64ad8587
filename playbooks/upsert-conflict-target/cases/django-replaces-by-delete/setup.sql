CREATE TABLE accounts (id integer PRIMARY KEY);
CREATE TABLE channels (account_id integer NOT NULL REFERENCES accounts (id), kind text NOT NULL, address text NOT NULL, CONSTRAINT channels_key UNIQUE (account_id, kind));
INSERT INTO accounts VALUES (1);
