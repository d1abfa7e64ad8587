CREATE TABLE members (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), full_name text NOT NULL);
CREATE TABLE wallets (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  member_id uuid NOT NULL REFERENCES members (id),
  currency  text NOT NULL DEFAULT 'EUR',
  CONSTRAINT one_wallet UNIQUE (member_id)
);
CREATE FUNCTION open_wallet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO wallets (member_id) VALUES (NEW.id);
  RETURN NEW;
END $$;
CREATE TRIGGER members_open_wallet AFTER INSERT ON members FOR EACH ROW EXECUTE FUNCTION open_wallet();
