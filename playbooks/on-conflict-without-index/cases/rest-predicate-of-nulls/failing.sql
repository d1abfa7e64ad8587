INSERT INTO "Contacts" ("orgId", external_id, name) VALUES (1, 'x', 'd') ON CONFLICT ("orgId", external_id) DO UPDATE SET name = EXCLUDED.name;
