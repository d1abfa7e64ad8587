CREATE TABLE rates (code text PRIMARY KEY, value numeric NOT NULL);
