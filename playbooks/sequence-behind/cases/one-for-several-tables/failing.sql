INSERT INTO people (name) VALUES ('next'); SELECT setval('party_ids', nextval('party_ids') + 1990); INSERT INTO foreign_firms (name) SELECT 'n' FROM generate_series(1, 10);
