CREATE TABLE orders (
  id       serial PRIMARY KEY,
  customer text NOT NULL,
  total    numeric NOT NULL
);
INSERT INTO orders (customer, total) VALUES ('Ada', 10), ('Grace', 20);
INSERT INTO orders (id, customer, total) SELECT n, 'import ' || n, n FROM generate_series(3, 40) AS n;
