INSERT INTO contact_messages (address, body) VALUES ('me@example.org', 'Hello') RETURNING *;
