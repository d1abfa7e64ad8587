INSERT INTO app."Project" ("spaceId", "fullName") VALUES (1, 'APOLLO');
