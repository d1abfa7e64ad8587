CREATE TABLE people (id integer PRIMARY KEY, kind text NOT NULL);
CREATE TABLE desks (person_id integer PRIMARY KEY REFERENCES people (id), floor integer);
CREATE FUNCTION a_desk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO desks (person_id, floor) VALUES (NEW.id, 1);
  RETURN NULL;
END $$;
CREATE FUNCTION b_desk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM desks WHERE person_id = NEW.id) THEN
    INSERT INTO desks (person_id, floor) VALUES (NEW.id, 2);
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION c_desk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO desks (person_id, floor) VALUES (NEW.id, 3);
  RETURN NULL;
EXCEPTION WHEN unique_violation THEN
  RETURN NULL;
END $$;
CREATE FUNCTION d_desk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO desks (person_id, floor) SELECT NEW.id, 4 WHERE NOT EXISTS (SELECT 1 FROM desks d WHERE d.person_id = NEW.id);
  RETURN NULL;
END $$;
CREATE FUNCTION e_desk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE desks SET floor = 5 WHERE person_id = NEW.id;
  IF NOT FOUND THEN
    INSERT INTO desks (person_id, floor) VALUES (NEW.id, 5);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER a_desk AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION a_desk();
CREATE TRIGGER b_desk AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION b_desk();
CREATE TRIGGER c_desk AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION c_desk();
CREATE TRIGGER d_desk AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION d_desk();
CREATE TRIGGER e_desk AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION e_desk();
INSERT INTO people VALUES (1, 'x');
