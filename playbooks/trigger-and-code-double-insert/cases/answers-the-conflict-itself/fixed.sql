INSERT INTO members (id, full_name) VALUES ('28263d02-25cb-4a64-8595-000000000009', 'Zoe');
INSERT INTO wallets (member_id, currency) VALUES ('28263d02-25cb-4a64-8595-000000000009', 'CHF') ON CONFLICT (member_id) DO UPDATE SET member_id = EXCLUDED.member_id, currency = EXCLUDED.currency;
