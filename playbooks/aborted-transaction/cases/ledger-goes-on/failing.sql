INSERT INTO payments (member_id, month, amount) VALUES (1, '2026-01-01', 20);
