INSERT INTO stock (store, sku, note) VALUES (1, 'a', 'x') ON CONFLICT (store, sku) DO UPDATE SET note = EXCLUDED.note;
