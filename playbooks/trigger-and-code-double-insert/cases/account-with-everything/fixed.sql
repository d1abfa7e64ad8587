INSERT INTO accounts (id, email, is_business) VALUES ('55555555-0000-4000-8000-0000000000aa', 'new@example.org', true);
INSERT INTO account_settings (account_id, locale) VALUES ('55555555-0000-4000-8000-0000000000aa', 'de') ON CONFLICT (account_id) DO UPDATE SET locale = EXCLUDED.locale;
INSERT INTO vat_registrations (account_id) VALUES ('55555555-0000-4000-8000-0000000000aa') ON CONFLICT (account_id) DO NOTHING;
