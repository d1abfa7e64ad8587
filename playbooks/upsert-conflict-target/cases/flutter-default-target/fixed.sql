INSERT INTO prices (sku, region, cents) VALUES ('A', 'eu', 120) ON CONFLICT (sku, region) DO UPDATE SET sku = EXCLUDED.sku, region = EXCLUDED.region, cents = EXCLUDED.cents;
