INSERT INTO members (id, email) VALUES (7, 'ada@example.org');
