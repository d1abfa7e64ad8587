CREATE TABLE slots (id serial PRIMARY KEY, day date NOT NULL, pos integer NOT NULL, label text,
  CONSTRAINT slots_day_pos_key UNIQUE (day, pos) DEFERRABLE INITIALLY IMMEDIATE);
INSERT INTO slots (day, pos, label) VALUES ('2026-01-01', 1, 'a');
