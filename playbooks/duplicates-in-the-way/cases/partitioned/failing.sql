CREATE UNIQUE INDEX ON readings (sensor, day);
