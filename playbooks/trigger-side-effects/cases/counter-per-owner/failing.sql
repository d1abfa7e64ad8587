INSERT INTO shop.orders (customer_id, cents) VALUES (1, 250);
