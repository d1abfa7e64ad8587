INSERT INTO members (user_id, nickname) VALUES ('99999999-1111-4111-8111-000000000009', 'ada');
