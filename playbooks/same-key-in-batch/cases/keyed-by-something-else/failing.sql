INSERT INTO stock (sku, amount) VALUES ('a', 1), ('a', 2) ON CONFLICT (sku) DO UPDATE SET amount = EXCLUDED.amount;
