INSERT INTO heroes VALUES (1, 'Ada');
