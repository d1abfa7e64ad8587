CREATE TABLE posts (id integer PRIMARY KEY, author_id integer NOT NULL, words integer NOT NULL);
CREATE TABLE author_totals (author_id integer PRIMARY KEY, post_count integer NOT NULL, total_words bigint NOT NULL, last_post integer, account_id integer, page integer);
CREATE FUNCTION count_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO author_totals (author_id, post_count, total_words, last_post, account_id, page)
  VALUES (NEW.author_id, 1, NEW.words, NEW.id, NEW.id, NEW.words);
  RETURN NULL;
END $$;
CREATE TRIGGER count_post AFTER INSERT ON posts FOR EACH ROW EXECUTE FUNCTION count_post();
INSERT INTO posts VALUES (1, 1, 10);
