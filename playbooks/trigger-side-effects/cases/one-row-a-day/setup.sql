CREATE TABLE articles (id bigint PRIMARY KEY, name text NOT NULL, stock integer NOT NULL DEFAULT 0);
CREATE TABLE stock_days (
  article_id bigint NOT NULL REFERENCES articles (id),
  day        date NOT NULL DEFAULT current_date,
  stock      integer NOT NULL,
  PRIMARY KEY (article_id, day)
);
CREATE FUNCTION note_stock_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO stock_days (article_id, stock) VALUES (NEW.id, NEW.stock);
  RETURN NEW;
END $$;
CREATE TRIGGER articles_stock_day AFTER UPDATE OF stock ON articles FOR EACH ROW EXECUTE FUNCTION note_stock_day();
INSERT INTO articles (id, name, stock) VALUES (3, 'lamp', 10);
UPDATE articles SET stock = 9 WHERE id = 3;
