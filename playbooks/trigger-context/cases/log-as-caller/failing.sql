INSERT INTO orders (cents) VALUES (5);
