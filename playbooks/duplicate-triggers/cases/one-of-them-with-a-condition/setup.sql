CREATE TABLE orders (
  id     bigserial PRIMARY KEY,
  status text NOT NULL DEFAULT 'new'
);
CREATE TABLE invoices (
  id       bigserial PRIMARY KEY,
  order_id bigint NOT NULL REFERENCES orders (id),
  number   text,
  CONSTRAINT one_invoice UNIQUE (order_id)
);
CREATE FUNCTION make_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status = 'paid' AND OLD.status <> 'paid' THEN
    INSERT INTO invoices (order_id, number) VALUES (NEW.id, 'R-' || NEW.id);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER orders_invoice AFTER UPDATE OF status ON orders FOR EACH ROW EXECUTE FUNCTION make_invoice();
CREATE TRIGGER orders_paid AFTER UPDATE ON orders FOR EACH ROW
  WHEN (NEW.status = 'paid' AND OLD.status IS DISTINCT FROM 'paid') EXECUTE FUNCTION make_invoice();
INSERT INTO orders (status) VALUES ('new'), ('new');
