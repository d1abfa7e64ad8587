CREATE TABLE accounts (
  id          uuid PRIMARY KEY,
  email       text NOT NULL UNIQUE,
  is_business boolean NOT NULL DEFAULT false
);
CREATE TABLE wallets (
  account_id uuid PRIMARY KEY REFERENCES accounts (id),
  balance    numeric(12, 2) NOT NULL DEFAULT 0
);
CREATE TABLE account_settings (
  account_id uuid PRIMARY KEY REFERENCES accounts (id),
  locale     text NOT NULL DEFAULT 'en'
);
CREATE TABLE mailing_lists (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts (id),
  list       text NOT NULL,
  UNIQUE (account_id, list)
);
CREATE TABLE vat_registrations (
  account_id uuid PRIMARY KEY REFERENCES accounts (id),
  number     text
);

CREATE FUNCTION open_wallet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO wallets (account_id) VALUES (NEW.id);
  RETURN NULL;
END $$;
CREATE FUNCTION furnish_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO account_settings (account_id) VALUES (NEW.id);
  INSERT INTO mailing_lists (account_id, list) VALUES (NEW.id, 'news');
  RETURN NULL;
END $$;
CREATE FUNCTION register_for_vat() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO vat_registrations (account_id) VALUES (NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER account_gets_wallet AFTER INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION open_wallet();
CREATE TRIGGER account_is_furnished AFTER INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION furnish_account();
CREATE TRIGGER business_gets_vat_registration AFTER INSERT ON accounts
  FOR EACH ROW WHEN (NEW.is_business) EXECUTE FUNCTION register_for_vat();

INSERT INTO accounts (id, email) VALUES ('55555555-0000-4000-8000-000000000001', 'first@example.org');
