SELECT set_config('app.current_user_id', '11111111-1111-4111-8111-000000000001', true);
INSERT INTO drafts (user_id, body) VALUES ('11111111-1111-4111-8111-000000000001', 'x');
