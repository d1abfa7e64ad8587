INSERT INTO courts (name) VALUES ('North') ON CONFLICT (name) DO NOTHING;
INSERT INTO memberships (club, "user", level) VALUES (1, 'Ada', 'gold') ON CONFLICT (club, "user") WHERE ended_on IS NULL DO UPDATE SET level = EXCLUDED.level;
INSERT INTO scores (player, points) VALUES ('Ada', 3);
INSERT INTO devices (user_id, push_token) VALUES ('11111111-1111-4111-8111-00000000000a', 't') ON CONFLICT (user_id, push_token) DO UPDATE SET user_id = EXCLUDED.user_id, push_token = EXCLUDED.push_token;
INSERT INTO bookings (court, during, player) VALUES (1, '[2026-05-01 10:30+00,2026-05-01 11:30+00)', 'Ada') ON CONFLICT ON CONSTRAINT bookings_apart DO NOTHING;
