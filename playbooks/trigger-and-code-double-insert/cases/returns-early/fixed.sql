INSERT INTO members (id, email) VALUES (7, 'ada@example.org');
INSERT INTO cards (member_id, plan) VALUES (7, 'free') ON CONFLICT (member_id) DO NOTHING;
