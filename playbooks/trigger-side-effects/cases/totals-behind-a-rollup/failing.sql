INSERT INTO sales (store_id, region, amount) VALUES (2, 'north', 5);
