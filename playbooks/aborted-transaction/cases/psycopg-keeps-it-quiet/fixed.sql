SAVEPOINT before_write;
ROLLBACK TO SAVEPOINT before_write;
INSERT INTO invitations (event_id, sent) VALUES (1, 0);
