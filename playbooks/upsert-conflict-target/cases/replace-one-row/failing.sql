insert into weekly_goals (user_id, week, goal) values ('00000000-0000-0000-0000-000000000001', '2026-01-05', 'read');
