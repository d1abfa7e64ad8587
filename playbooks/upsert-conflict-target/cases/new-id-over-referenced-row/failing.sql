INSERT INTO rooms (id, code, seats) VALUES (gen_random_uuid(), 'R1', 6) ON CONFLICT (code) DO UPDATE SET id = EXCLUDED.id, code = EXCLUDED.code, seats = EXCLUDED.seats;
