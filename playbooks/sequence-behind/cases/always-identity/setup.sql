CREATE SCHEMA "Sales";
CREATE TABLE "Sales"."Credit Note" (
  id       uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "number" bigint GENERATED ALWAYS AS IDENTITY (START WITH 100 INCREMENT BY 10),
  CONSTRAINT "number once" UNIQUE ("number")
);
INSERT INTO "Sales"."Credit Note" ("number") OVERRIDING SYSTEM VALUE VALUES (100), (110), (125);
