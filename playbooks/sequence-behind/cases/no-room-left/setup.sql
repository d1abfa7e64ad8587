CREATE SEQUENCE reading_ids;
CREATE TABLE readings (id smallint PRIMARY KEY DEFAULT nextval('reading_ids'), v numeric);
INSERT INTO readings VALUES (1, 1), (32767, 0);
