CREATE SEQUENCE party_ids CACHE 5;
CREATE TABLE people (id integer PRIMARY KEY DEFAULT nextval('party_ids'), name text);
CREATE TABLE firms (id integer PRIMARY KEY DEFAULT nextval('party_ids'), name text);
CREATE TABLE foreign_firms (country text, PRIMARY KEY (id)) INHERITS (firms);
INSERT INTO people SELECT n, 'person' FROM generate_series(1, 20) AS n;
INSERT INTO foreign_firms SELECT n, 'firm', 'NL' FROM generate_series(2000, 2030) AS n;
