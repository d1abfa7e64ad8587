INSERT INTO "Journal Entry" ("authorId", body) VALUES ('11111111-1111-4111-8111-000000000001', 'Dear diary') RETURNING *;
