INSERT INTO goals (id, owner_id, slug, title) VALUES (gen_random_uuid(), '11111111-1111-4111-8111-000000000001', 'run', 'Run!') ON CONFLICT (owner_id, slug) DO UPDATE SET title = EXCLUDED.title;
