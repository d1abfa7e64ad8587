CREATE SCHEMA shop;
CREATE TABLE shop.customers (tenant integer, number integer, name text NOT NULL, PRIMARY KEY (tenant, number));
CREATE TABLE shop.orders (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant   integer NOT NULL,
  customer integer,
  CONSTRAINT orders_customer_fkey FOREIGN KEY (tenant, customer) REFERENCES shop.customers
);
INSERT INTO shop.customers VALUES (1, 1, 'Ada');
