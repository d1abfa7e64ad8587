INSERT INTO tickets (subject) VALUES ('next');
