CREATE TABLE metrics (tenant integer NOT NULL, day date NOT NULL, name text NOT NULL, value numeric) PARTITION BY LIST (tenant);
CREATE TABLE metrics_1 PARTITION OF metrics FOR VALUES IN (1);
CREATE TABLE metrics_2 PARTITION OF metrics FOR VALUES IN (2);
CREATE UNIQUE INDEX metrics_1_once ON metrics_1 (tenant, day, name);
ALTER TABLE metrics_2 ADD CONSTRAINT metrics_2_once UNIQUE (tenant, day, name);
INSERT INTO metrics VALUES (1, '2026-01-01', 'load', 1);
