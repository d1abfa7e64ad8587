CREATE SCHEMA app;
CREATE TABLE app.stock (sku text PRIMARY KEY, amount integer NOT NULL);
CREATE TABLE app.stock_log (sku text NOT NULL, amount integer NOT NULL);
CREATE FUNCTION app.log_stock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO stock_log VALUES (NEW.sku, NEW.amount);
  RETURN NULL;
END $$;
CREATE TRIGGER stock_log AFTER INSERT OR UPDATE ON app.stock FOR EACH ROW EXECUTE FUNCTION app.log_stock();
