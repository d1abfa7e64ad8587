CREATE SCHEMA app;
CREATE TABLE app.stock_items (id serial PRIMARY KEY, store integer NOT NULL, sku text NOT NULL, note text, hidden boolean NOT NULL DEFAULT false);
CREATE VIEW stock AS SELECT id, store, sku, note FROM app.stock_items WHERE NOT hidden;
INSERT INTO stock (store, sku) VALUES (1, 'a'), (1, 'b');
