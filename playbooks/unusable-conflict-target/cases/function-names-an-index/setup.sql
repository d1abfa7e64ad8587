CREATE SCHEMA stock;
CREATE TABLE stock.counts (id serial PRIMARY KEY, shelf integer NOT NULL, sku text NOT NULL, n integer NOT NULL, closed boolean NOT NULL DEFAULT false);
CREATE UNIQUE INDEX counts_open ON stock.counts (shelf, lower(sku)) WHERE NOT closed;
CREATE FUNCTION stock.count_up(p_shelf integer, p_sku text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stock, pg_temp AS $$
BEGIN
  INSERT INTO counts (shelf, sku, n) VALUES (p_shelf, p_sku, 1)
  ON CONFLICT ON CONSTRAINT counts_open DO UPDATE SET n = counts.n + 1;
END;
$$;
INSERT INTO stock.counts (shelf, sku, n) VALUES (1, 'A-1', 4);
