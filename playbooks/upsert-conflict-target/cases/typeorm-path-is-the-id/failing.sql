INSERT INTO goals (owner_id, slug, title) VALUES ('11111111-1111-4111-8111-000000000001', 'run', 'Run!') ON CONFLICT (id) DO UPDATE SET title = EXCLUDED.title;
