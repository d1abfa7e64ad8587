INSERT INTO orders (customer) VALUES ('Bea'); INSERT INTO order_lines (order_id, article_id, quantity) VALUES (2, 3, 1), (2, 5, 1);
