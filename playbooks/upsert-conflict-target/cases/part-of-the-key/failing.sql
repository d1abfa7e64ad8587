INSERT INTO votes (poll_id, voter_id, choice) VALUES (1, '11111111-1111-4111-8111-00000000000a', 'no') ON CONFLICT (voter_id) DO UPDATE SET choice = EXCLUDED.choice;
