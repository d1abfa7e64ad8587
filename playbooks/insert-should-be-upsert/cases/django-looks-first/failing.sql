INSERT INTO library_shelf (reader_id, label) VALUES (1, 'to read');
