CREATE TABLE daily_use (api_key text, day date, calls integer NOT NULL, first_call timestamptz, PRIMARY KEY (api_key, day));
INSERT INTO daily_use VALUES ('k', '2026-01-01', 4, now());
