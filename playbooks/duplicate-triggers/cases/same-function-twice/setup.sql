CREATE SCHEMA shop;
CREATE TABLE shop.articles (id integer PRIMARY KEY, title text NOT NULL);
CREATE TABLE shop.stock (article_id integer PRIMARY KEY REFERENCES shop.articles (id), title text, amount integer NOT NULL DEFAULT 0);
CREATE FUNCTION shop.open_stock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO shop.stock (article_id, title) VALUES (NEW.id, NEW.title);
  RETURN NEW;
END $$;
CREATE TRIGGER add_stock AFTER INSERT ON shop.articles FOR EACH ROW EXECUTE FUNCTION shop.open_stock();
CREATE TRIGGER "openStock" AFTER INSERT ON shop.articles FOR EACH ROW EXECUTE FUNCTION shop.open_stock();
ALTER TABLE shop.articles ENABLE ALWAYS TRIGGER "openStock";
