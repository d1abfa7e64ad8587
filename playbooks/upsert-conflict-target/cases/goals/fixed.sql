INSERT INTO goals (user_id, slug, title, progress)
VALUES ('11111111-1111-4111-8111-000000000001', 'run-10k', 'Run ten kilometres', 55)
ON CONFLICT (user_id, slug) DO UPDATE SET user_id = EXCLUDED.user_id, slug = EXCLUDED.slug, title = EXCLUDED.title, progress = EXCLUDED.progress;
