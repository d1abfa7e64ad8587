CREATE UNIQUE INDEX ON members (team_id, user_id);
