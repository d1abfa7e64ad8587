CREATE SCHEMA private;
CREATE TABLE payments (id integer PRIMARY KEY, "payerId" uuid NOT NULL, cents integer NOT NULL);
CREATE TABLE private.ledger (payment_id integer PRIMARY KEY, cents integer NOT NULL);
ALTER TABLE payments ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON payments TO authenticated;
CREATE POLICY own_payments ON payments TO authenticated USING ("payerId" = (SELECT auth.uid())) WITH CHECK ("payerId" = (SELECT auth.uid()));
CREATE FUNCTION book() RETURNS trigger LANGUAGE plpgsql SET search_path = private AS $$
BEGIN
  INSERT INTO private.ledger (payment_id, cents) VALUES (NEW.id, NEW.cents);
  RETURN NEW;
END $$;
CREATE TRIGGER "Book It" AFTER INSERT ON payments FOR EACH ROW EXECUTE FUNCTION book();
