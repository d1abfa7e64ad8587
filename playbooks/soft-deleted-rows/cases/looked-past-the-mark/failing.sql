INSERT INTO subscriptions (user_id, topic_id) VALUES ('00000000-0000-4000-8000-000000000001', 1);
