insert into weekly_goals (user_id, week, goal) values ('00000000-0000-0000-0000-000000000001', '2026-01-05', 'read')
ON CONFLICT (user_id, week) DO UPDATE SET user_id = EXCLUDED.user_id, week = EXCLUDED.week, goal = EXCLUDED.goal;
