CREATE TABLE teams (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE settings (
  team_id integer REFERENCES teams,
  name    text NOT NULL,
  value   jsonb NOT NULL
);
CREATE UNIQUE INDEX settings_team_name ON settings (team_id, name);
INSERT INTO teams VALUES (1, 'Blue');
INSERT INTO settings VALUES (1, 'theme', '"dark"'), (NULL, 'theme', '"light"');
