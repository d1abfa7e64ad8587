INSERT INTO tags (label) VALUES ('old');
