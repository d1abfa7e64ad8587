CREATE TABLE settings (name text COLLATE "C", value jsonb, scope integer);
INSERT INTO settings VALUES ('theme', '{"a": 1}', 1), ('theme', '{"a": 2}', 1), ('theme', NULL, NULL), ('theme', NULL, NULL), ('lang', '1', 1), ('theme', '{"a": 1}', 1);
