CREATE TABLE seats (hall int NOT NULL, no int NOT NULL, holder text, UNIQUE (hall, no));
INSERT INTO seats VALUES (1, 1, 'a'), (1, 2, 'b');
-- What REINDEX CONCURRENTLY leaves behind when it is cancelled.
CREATE UNIQUE INDEX seats_hall_no_key_ccnew ON seats (hall, no);
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'seats_hall_no_key_ccnew'::regclass;
