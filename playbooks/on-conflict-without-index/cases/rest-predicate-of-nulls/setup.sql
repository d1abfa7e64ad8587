CREATE TABLE "Contacts" (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "orgId" integer, external_id text, name text);
CREATE UNIQUE INDEX contacts_external_idx ON "Contacts" ("orgId", external_id) WHERE external_id IS NOT NULL AND "orgId" IS NOT NULL;
INSERT INTO "Contacts" ("orgId", external_id, name) VALUES (1, NULL, 'a'), (1, NULL, 'b'), (1, 'x', 'c');
