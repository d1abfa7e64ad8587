CREATE SCHEMA billing;
CREATE TABLE members (id integer PRIMARY KEY, "displayName" text NOT NULL);
CREATE TABLE accounts (member_id integer PRIMARY KEY REFERENCES members (id));
CREATE TABLE billing.wallets (owner_id integer PRIMARY KEY, label text);
CREATE FUNCTION open_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO accounts (member_id) VALUES (NEW.id);
  RETURN NEW;
END $$;
CREATE TRIGGER a_account AFTER INSERT ON members FOR EACH ROW EXECUTE FUNCTION open_account();
CREATE FUNCTION open_account_wallet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO billing.wallets (owner_id) VALUES (NEW.member_id);
  RETURN NEW;
END $$;
CREATE TRIGGER account_wallet AFTER INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION open_account_wallet();
CREATE FUNCTION billing.open_wallet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO billing.wallets (owner_id, label) VALUES (NEW.id, NEW."displayName");
  RETURN NEW;
END $$;
CREATE TRIGGER z_wallet AFTER INSERT ON members FOR EACH ROW EXECUTE FUNCTION billing.open_wallet();
