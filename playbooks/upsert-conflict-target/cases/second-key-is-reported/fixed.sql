INSERT INTO products (sku, name) VALUES ('A1', 'x') ON CONFLICT (sku) DO UPDATE SET sku = EXCLUDED.sku, name = EXCLUDED.name;
