CREATE TABLE stock (warehouse_id integer, sku text, quantity integer NOT NULL, CONSTRAINT stock_key PRIMARY KEY (warehouse_id, sku));
CREATE TABLE moves (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, warehouse_id integer NOT NULL, sku text NOT NULL, delta integer NOT NULL);
CREATE FUNCTION apply_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO stock AS s (warehouse_id, sku, quantity) VALUES (NEW.warehouse_id, NEW.sku, NEW.delta)
  ON CONFLICT (sku) DO UPDATE SET quantity = s.quantity + EXCLUDED.quantity;
  RETURN NULL;
END $$;
CREATE TRIGGER move_applies AFTER INSERT ON moves FOR EACH ROW EXECUTE FUNCTION apply_move();
INSERT INTO stock VALUES (1, 'bolt', 5), (2, 'bolt', 7);
