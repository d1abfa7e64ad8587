SET LOCAL search_path = auth;
INSERT INTO users (email) VALUES ('ada@example.org');
