CREATE TABLE invoices (tenant integer, no serial, total numeric, PRIMARY KEY (tenant, no));
INSERT INTO invoices SELECT 1, n, n FROM generate_series(1, 30) AS n;
