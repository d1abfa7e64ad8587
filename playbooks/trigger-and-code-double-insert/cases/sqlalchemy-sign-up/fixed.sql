INSERT INTO accounts (id, email) VALUES ('11111111-1111-4111-8111-000000000002', 'grace@example.org');
