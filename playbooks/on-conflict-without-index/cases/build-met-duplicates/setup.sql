CREATE TABLE orders (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), no text NOT NULL, open boolean NOT NULL DEFAULT true, placed_at timestamptz NOT NULL);
CREATE TABLE parcels (id serial PRIMARY KEY, order_id uuid NOT NULL REFERENCES orders (id) ON DELETE CASCADE, UNIQUE (order_id, id));
INSERT INTO orders (no, open, placed_at) VALUES ('A', true, '2026-01-01'), ('A', false, '2026-01-02'), ('B', true, '2026-01-04'), ('C', true, '2026-01-05');
INSERT INTO parcels (order_id) SELECT id FROM orders;
CREATE UNIQUE INDEX orders_no_key ON orders (no) INCLUDE (placed_at) WHERE open;
-- What CREATE INDEX CONCURRENTLY leaves behind when it meets duplicates in its first phase.
UPDATE pg_index SET indisvalid = false, indisready = false WHERE indexrelid = 'orders_no_key'::regclass;
INSERT INTO orders (no, open, placed_at) VALUES ('A', true, '2026-01-03');
INSERT INTO parcels (order_id) SELECT id FROM orders WHERE placed_at = '2026-01-03';
