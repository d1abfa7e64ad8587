SAVEPOINT before_write;
ROLLBACK TO SAVEPOINT before_write;
INSERT INTO failures (what) VALUES ('2026-01-01');
