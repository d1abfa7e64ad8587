CREATE TABLE accounts (id integer PRIMARY KEY);
CREATE TABLE preferences (account_id integer REFERENCES accounts (id), channel text, PRIMARY KEY (account_id, channel));
CREATE FUNCTION add_preference() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO preferences (account_id, channel) VALUES (NEW.id, TG_ARGV[0]);
  RETURN NULL;
END $$;
CREATE TRIGGER add_mail AFTER INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION add_preference('mail');
CREATE TRIGGER add_push AFTER INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION add_preference('push');
INSERT INTO accounts VALUES (1), (2);
