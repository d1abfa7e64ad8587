CREATE TABLE people (id integer PRIMARY KEY, kind text NOT NULL);
CREATE TABLE desks (person_id integer PRIMARY KEY REFERENCES people (id), floor integer);
CREATE FUNCTION add_desk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO desks (person_id, floor) VALUES (NEW.id, 1);
  RETURN NULL;
END $$;
CREATE TRIGGER add_desk AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION add_desk();
CREATE TRIGGER zz_desk AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION add_desk();
ALTER TABLE people ENABLE REPLICA TRIGGER zz_desk;
