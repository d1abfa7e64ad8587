INSERT INTO seats (show_id, row, guest) VALUES (1, 'a', 'Linus') ON CONFLICT (show_id, row) DO UPDATE SET guest = EXCLUDED.guest;
