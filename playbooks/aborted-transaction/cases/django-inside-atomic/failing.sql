INSERT INTO guests (event_id, email) VALUES (1, 'a@x.org');
