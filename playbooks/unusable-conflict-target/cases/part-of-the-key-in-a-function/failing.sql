INSERT INTO moves (warehouse_id, sku, delta) VALUES (1, 'bolt', 3);
