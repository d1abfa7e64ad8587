CREATE TABLE settings (team_id integer, name text NOT NULL, value jsonb NOT NULL, UNIQUE (team_id, name));
INSERT INTO settings VALUES (1, 'theme', '"dark"'), (NULL, 'theme', '"light"');
