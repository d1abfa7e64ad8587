CREATE TABLE prices (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shop_id integer NOT NULL,
  sku text NOT NULL,
  amount_cents integer NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (shop_id, sku)
);
INSERT INTO prices (shop_id, sku, amount_cents) VALUES (1, 'A-1', 100), (1, 'A-2', 250);
CREATE TABLE imports (id serial PRIMARY KEY, shop_id integer NOT NULL, at timestamptz NOT NULL DEFAULT now());
