INSERT INTO orders (customer, total) VALUES ('Edsger', 12.5);
