INSERT INTO lesson_progress (user_id, lesson_id, is_completed, started_at)
VALUES ('11111111-1111-4111-8111-000000000001', 1, false, now())
ON CONFLICT (user_id, lesson_id) DO NOTHING;
