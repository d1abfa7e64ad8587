INSERT INTO evens (note) VALUES ('next');
