INSERT INTO shop.orders (tenant, customer) VALUES (1, 2);
