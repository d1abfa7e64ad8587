CREATE SCHEMA shop;
CREATE SCHEMA archive;
CREATE TABLE shop.orders (id integer PRIMARY KEY, cents integer NOT NULL);
CREATE TABLE shop.audit (order_id integer NOT NULL, cents integer, written_by text);
CREATE TABLE archive.audit (order_id integer NOT NULL, note text);
CREATE FUNCTION shop.audit_order() RETURNS trigger LANGUAGE plpgsql SET search_path = archive, shop AS $$
BEGIN
  INSERT INTO audit (order_id, cents, written_by) VALUES (NEW.id, NEW.cents, TG_NAME);
  RETURN NULL;
END $$;
CREATE TRIGGER audit_order AFTER INSERT OR UPDATE ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.audit_order();
