INSERT INTO daily_use (api_key, day, calls, first_call) VALUES ('k', '2026-01-01', 1, now());
