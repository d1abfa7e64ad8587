CREATE TABLE members (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE member_badges (member_id integer PRIMARY KEY, first_name text NOT NULL);
CREATE FUNCTION first_badge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  BEGIN
    INSERT INTO member_badges (member_id, first_name) VALUES (NEW.id, NEW.name);
  EXCEPTION WHEN unique_violation THEN
    NULL;
  END;
  RETURN NEW;
END;
$$;
CREATE TRIGGER first_badge AFTER INSERT OR UPDATE ON members FOR EACH ROW EXECUTE FUNCTION first_badge();
INSERT INTO members VALUES (1, 'Ada');
