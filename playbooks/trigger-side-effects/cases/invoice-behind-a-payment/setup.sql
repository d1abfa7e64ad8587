CREATE TABLE purchases (id integer PRIMARY KEY, status text NOT NULL DEFAULT 'new', total_amount numeric NOT NULL);
CREATE TABLE invoices (purchase_id integer PRIMARY KEY REFERENCES purchases (id), total_amount numeric NOT NULL);
CREATE TABLE payments (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, purchase_id integer NOT NULL REFERENCES purchases (id), amount numeric NOT NULL);
CREATE FUNCTION mark_paid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE purchases SET status = 'paid' WHERE id = NEW.purchase_id;
  RETURN NULL;
END $$;
CREATE FUNCTION issue_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO invoices (purchase_id, total_amount) VALUES (NEW.id, NEW.total_amount);
  RETURN NULL;
END $$;
CREATE TRIGGER payment_marks AFTER INSERT ON payments FOR EACH ROW EXECUTE FUNCTION mark_paid();
CREATE TRIGGER purchase_invoice AFTER UPDATE OF status ON purchases FOR EACH ROW WHEN (NEW.status = 'paid') EXECUTE FUNCTION issue_invoice();
INSERT INTO purchases (id, total_amount) VALUES (1, 30);
INSERT INTO payments (purchase_id, amount) VALUES (1, 10);
