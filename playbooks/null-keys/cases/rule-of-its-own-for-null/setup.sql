CREATE TABLE teams (id integer PRIMARY KEY);
CREATE TABLE settings (
  team_id integer REFERENCES teams,
  name    text NOT NULL,
  value   jsonb NOT NULL,
  UNIQUE (team_id, name)
);
CREATE UNIQUE INDEX settings_for_everybody ON settings (name) WHERE team_id IS NULL;
INSERT INTO settings VALUES (NULL, 'theme', '"light"');
