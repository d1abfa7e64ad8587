CREATE TABLE teams (id integer PRIMARY KEY);
CREATE TABLE people (id integer PRIMARY KEY, team integer REFERENCES teams ON DELETE SET NULL, boss integer REFERENCES people);
CREATE TABLE badges (person integer NOT NULL REFERENCES people ON DELETE RESTRICT, colour text NOT NULL, PRIMARY KEY (person, colour));
INSERT INTO people (id) VALUES (1);
INSERT INTO badges VALUES (1, 'red');
