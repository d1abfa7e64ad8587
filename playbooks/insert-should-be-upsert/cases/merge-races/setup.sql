CREATE TABLE shop_stock (store integer NOT NULL, article text NOT NULL, pieces integer NOT NULL, CONSTRAINT shop_stock_key UNIQUE (store, article));
INSERT INTO shop_stock VALUES (1, 'A-1', 4);
