INSERT INTO rooms (code, seats) VALUES ('R1', 6) ON CONFLICT (code) DO UPDATE SET code = EXCLUDED.code, seats = EXCLUDED.seats;
