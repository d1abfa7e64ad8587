ALTER TABLE members ADD CONSTRAINT members_team_user_key UNIQUE (team_id, user_id);
