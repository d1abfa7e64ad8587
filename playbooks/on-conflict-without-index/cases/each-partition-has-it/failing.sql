INSERT INTO metrics (tenant, day, name, value) VALUES (1, '2026-01-01', 'load', 2) ON CONFLICT (tenant, day, name) DO UPDATE SET value = EXCLUDED.value;
