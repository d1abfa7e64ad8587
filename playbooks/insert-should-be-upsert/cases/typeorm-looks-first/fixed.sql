INSERT INTO lesson_progress (learner_id, lesson_id) VALUES ('11111111-1111-4111-8111-000000000001', 1) ON CONFLICT (learner_id, lesson_id) DO NOTHING;
