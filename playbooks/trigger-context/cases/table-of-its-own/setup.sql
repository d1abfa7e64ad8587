CREATE SCHEMA work;
CREATE TABLE work.touched (id integer);
CREATE TABLE items (id integer PRIMARY KEY);
CREATE FUNCTION note_item() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  CREATE TEMP TABLE IF NOT EXISTS touched (id integer) ON COMMIT DROP;
  INSERT INTO touched (id) VALUES (NEW.id);
  RETURN NEW;
END $$;
CREATE TRIGGER note_item AFTER INSERT ON items FOR EACH ROW EXECUTE FUNCTION note_item();
INSERT INTO items VALUES (1);
