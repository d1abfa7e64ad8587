CREATE TABLE posts (id integer PRIMARY KEY, author_id integer NOT NULL);
CREATE TABLE author_totals (author_id integer PRIMARY KEY, posts integer NOT NULL DEFAULT 0);
CREATE TABLE author_marks (author_id integer PRIMARY KEY, first_post integer NOT NULL);
CREATE FUNCTION count_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO author_totals (author_id, posts) VALUES (NEW.author_id, 1)
  ON CONFLICT (author_id) DO UPDATE SET posts = author_totals.posts + 1;
  RETURN NULL;
END $$;
CREATE FUNCTION mark_author() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  known integer;
BEGIN
  SELECT count(*) INTO known FROM author_marks WHERE author_id = NEW.author_id;
  IF known > 0 THEN
    RETURN NULL;
  END IF;
  INSERT INTO author_marks (author_id, first_post) VALUES (NEW.author_id, NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER count_post AFTER INSERT ON posts FOR EACH ROW EXECUTE FUNCTION count_post();
CREATE TRIGGER mark_author AFTER INSERT ON posts FOR EACH ROW EXECUTE FUNCTION mark_author();
INSERT INTO posts VALUES (1, 1), (2, 1);
