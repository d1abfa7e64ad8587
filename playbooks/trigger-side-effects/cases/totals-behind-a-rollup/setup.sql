CREATE TABLE sales (id bigserial PRIMARY KEY, store_id integer NOT NULL, region text NOT NULL, amount numeric NOT NULL);
CREATE TABLE store_totals (store_id integer, region text, amount numeric NOT NULL DEFAULT 0, PRIMARY KEY (store_id, region));
CREATE TABLE region_totals (region text PRIMARY KEY, total_amount numeric NOT NULL DEFAULT 0);
CREATE FUNCTION add_to_store() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO store_totals (store_id, region, amount) VALUES (NEW.store_id, NEW.region, NEW.amount)
  ON CONFLICT (store_id, region) DO UPDATE SET amount = store_totals.amount + EXCLUDED.amount;
  RETURN NEW;
END $$;
CREATE FUNCTION add_to_region() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO region_totals (region, total_amount) VALUES (NEW.region, NEW.amount);
  RETURN NEW;
END $$;
CREATE TRIGGER sales_rollup AFTER INSERT ON sales FOR EACH ROW EXECUTE FUNCTION add_to_store();
CREATE TRIGGER store_totals_region AFTER INSERT ON store_totals FOR EACH ROW EXECUTE FUNCTION add_to_region();
INSERT INTO sales (store_id, region, amount) VALUES (1, 'north', 10);
