INSERT INTO goals (id, user_id, slug, title, progress)
VALUES (gen_random_uuid(), '11111111-1111-4111-8111-000000000001', 'run-10k', 'Run ten kilometres', 55)
ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id, user_id = EXCLUDED.user_id, slug = EXCLUDED.slug, title = EXCLUDED.title, progress = EXCLUDED.progress;
