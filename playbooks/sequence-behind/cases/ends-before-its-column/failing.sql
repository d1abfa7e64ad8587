INSERT INTO tickets (title) VALUES ('d');
