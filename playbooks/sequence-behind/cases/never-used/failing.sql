INSERT INTO "Sales"."Invoice" (amount) VALUES (40);
