INSERT INTO products (id, sku, name) VALUES ('00000000-0000-0000-0000-0000000000c2', 'A1', 'x')
ON CONFLICT (sku) DO UPDATE SET id = EXCLUDED.id, sku = EXCLUDED.sku, name = EXCLUDED.name;
