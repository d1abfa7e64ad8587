INSERT INTO seats (show_id, place, holder) VALUES (1, 'A1', 'y') ON CONFLICT (show_id, place) DO UPDATE SET show_id = EXCLUDED.show_id, place = EXCLUDED.place, holder = EXCLUDED.holder;
