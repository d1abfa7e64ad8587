INSERT INTO readings (meter, taken_at, kwh) VALUES ('m3', '2026-03-01 00:00+00', 9) ON CONFLICT (meter, taken_at) DO UPDATE SET kwh = EXCLUDED.kwh;
