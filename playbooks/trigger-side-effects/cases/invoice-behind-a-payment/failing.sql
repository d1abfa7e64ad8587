INSERT INTO payments (purchase_id, amount) VALUES (1, 20);
