CREATE SCHEMA tenant_a;
CREATE SCHEMA tenant_b;
CREATE TABLE tenant_a.orders (id integer PRIMARY KEY);
CREATE TABLE tenant_b.orders (id integer PRIMARY KEY);
CREATE TABLE tenant_a.order_log (order_id integer NOT NULL, at timestamptz DEFAULT now());
CREATE TABLE tenant_b.order_log (order_id integer NOT NULL, at timestamptz DEFAULT now());
CREATE FUNCTION log_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO order_log (order_id) VALUES (NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER log_order AFTER INSERT ON tenant_a.orders FOR EACH ROW EXECUTE FUNCTION log_order();
CREATE TRIGGER log_order AFTER INSERT ON tenant_b.orders FOR EACH ROW EXECUTE FUNCTION log_order();
