INSERT INTO parts (sku, title) VALUES ('A-1', 'Bolt, new');
