INSERT INTO posts (author, body) VALUES ('28263d02-25cb-4a64-8595-000000000001', 'Hello');
