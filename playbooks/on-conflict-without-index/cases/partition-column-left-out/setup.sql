CREATE TABLE readings (day date NOT NULL DEFAULT '2026-01-01', sensor integer NOT NULL, slot integer NOT NULL, note text) PARTITION BY RANGE (day);
CREATE TABLE readings_all PARTITION OF readings DEFAULT;
INSERT INTO readings (sensor, slot) VALUES (1, 1), (1, 2);
