INSERT INTO auth.users (email, raw_user_meta_data) VALUES ('ada@example.org', '{"full_name": "Ada"}');
