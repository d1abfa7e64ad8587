INSERT INTO bookings (court, during, player) VALUES (1, '[2026-05-01 10:30+00,2026-05-01 11:30+00)', 'Ada') ON CONFLICT (court, during) DO NOTHING;
