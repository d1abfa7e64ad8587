CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE customer_cards (customer_id integer PRIMARY KEY, name text NOT NULL);
CREATE FUNCTION keep_card() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM customer_cards WHERE customer_id = OLD.id;
    RETURN OLD;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    UPDATE customer_cards SET name = NEW.name WHERE customer_id = NEW.id;
    RETURN NEW;
  END IF;
  INSERT INTO customer_cards (customer_id, name) VALUES (NEW.id, NEW.name);
  RETURN NEW;
END $$;
CREATE TRIGGER keep_card AFTER INSERT OR UPDATE OR DELETE ON customers FOR EACH ROW EXECUTE FUNCTION keep_card();
INSERT INTO customers VALUES (1, 'Ada');
