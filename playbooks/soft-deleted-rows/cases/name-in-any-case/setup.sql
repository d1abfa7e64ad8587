CREATE SCHEMA app;
CREATE TABLE app."Project" (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "spaceId"   integer NOT NULL,
  "fullName"  text NOT NULL,
  "isDeleted" boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX "Project_name_key" ON app."Project" ("spaceId", lower("fullName"));
INSERT INTO app."Project" ("spaceId", "fullName", "isDeleted") VALUES (1, 'Apollo', true), (1, 'Gemini', false);
