CREATE TABLE members (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE wallets (member_id integer PRIMARY KEY REFERENCES members (id), email text NOT NULL, currency text NOT NULL DEFAULT 'EUR');
CREATE FUNCTION open_wallet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO wallets (member_id, email) VALUES (NEW.id, NEW.email);
  RETURN NEW;
EXCEPTION WHEN OTHERS THEN
  IF SQLSTATE <> '23505' THEN
    RAISE;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER open_wallet AFTER INSERT ON members FOR EACH ROW EXECUTE FUNCTION open_wallet();
INSERT INTO members VALUES (1, 'ada@example.org');
