INSERT INTO accounts (id, email, is_business) VALUES ('55555555-0000-4000-8000-0000000000aa', 'new@example.org', true);
INSERT INTO wallets (account_id) VALUES ('55555555-0000-4000-8000-0000000000aa');
