INSERT INTO invoices (tenant, total) VALUES (1, 5);
