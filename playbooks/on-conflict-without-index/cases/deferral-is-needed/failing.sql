INSERT INTO slots (day, pos, label) VALUES ('2026-01-01', 1, 'b') ON CONFLICT (day, pos) DO UPDATE SET label = EXCLUDED.label;
