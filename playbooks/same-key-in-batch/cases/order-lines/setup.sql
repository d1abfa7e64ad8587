CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer text NOT NULL);
CREATE TABLE order_lines (
  order_id bigint NOT NULL REFERENCES orders (id),
  article_id integer NOT NULL,
  quantity integer NOT NULL,
  CONSTRAINT order_lines_key PRIMARY KEY (order_id, article_id)
);
INSERT INTO orders (customer) VALUES ('Ann');
INSERT INTO order_lines VALUES (1, 3, 1);
