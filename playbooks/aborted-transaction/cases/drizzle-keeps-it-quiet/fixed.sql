SAVEPOINT sp1;
ROLLBACK TO SAVEPOINT sp1;
INSERT INTO invitations (event_id, sent) VALUES (1, 0);
