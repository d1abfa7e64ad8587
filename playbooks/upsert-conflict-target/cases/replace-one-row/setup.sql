create table public.weekly_goals (id bigint generated always as identity primary key, user_id uuid not null, week date not null, goal text, constraint weekly_goals_user_week unique (user_id, week));
insert into weekly_goals(user_id,week) values ('00000000-0000-0000-0000-000000000001','2026-01-05');
