INSERT INTO app.stock VALUES ('tea', 1);
