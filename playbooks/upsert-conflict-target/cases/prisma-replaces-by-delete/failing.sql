INSERT INTO seats (show_id, row, guest) VALUES (1, 'a', 'Linus');
