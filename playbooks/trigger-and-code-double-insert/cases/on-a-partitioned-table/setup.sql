CREATE TABLE members (id bigint, email text NOT NULL, region text NOT NULL DEFAULT 'eu', PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE members_eu PARTITION OF members FOR VALUES IN ('eu');
CREATE TABLE members_us PARTITION OF members FOR VALUES IN ('us');
CREATE TABLE cards (member_id bigint PRIMARY KEY, plan text NOT NULL DEFAULT 'free');
CREATE FUNCTION add_card() RETURNS trigger LANGUAGE plpgsql  AS $$
DECLARE
  v_id bigint;
BEGIN
  v_id := NEW.id;
  INSERT INTO cards (member_id) VALUES (v_id);
  RETURN NEW;
END $$;
CREATE TRIGGER add_card AFTER INSERT ON members FOR EACH ROW EXECUTE FUNCTION add_card();
