INSERT INTO "My App"."Order's" ("Id") VALUES (1);
