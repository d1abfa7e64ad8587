CREATE TABLE readings (id bigint NOT NULL, day date NOT NULL, sensor integer NOT NULL, value numeric, PRIMARY KEY (day, id)) PARTITION BY RANGE (day);
CREATE TABLE readings_q1 PARTITION OF readings FOR VALUES FROM ('2026-01-01') TO ('2026-04-01');
CREATE TABLE readings_q2 PARTITION OF readings FOR VALUES FROM ('2026-04-01') TO ('2026-07-01');
CREATE TABLE alerts (id serial PRIMARY KEY, day date, reading bigint, FOREIGN KEY (day, reading) REFERENCES readings (day, id));
INSERT INTO readings VALUES (1, '2026-01-01', 7, 1.0), (2, '2026-01-01', 7, 1.1), (3, '2026-01-02', 7, 1.2), (1, '2026-05-01', 7, 1.0), (2, '2026-05-01', 7, 1.1);
INSERT INTO alerts (day, reading) VALUES ('2026-01-01', 1), ('2026-05-01', 2), ('2026-05-01', 1);
