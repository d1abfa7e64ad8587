CREATE TABLE countries (id serial PRIMARY KEY, name text NOT NULL);
INSERT INTO countries VALUES (1, 'NL'), (2, 'BE'), (3, 'LU');
