CREATE TABLE stock (sku text PRIMARY KEY, amount integer NOT NULL);
