CREATE TABLE members (id serial PRIMARY KEY, team_id integer NOT NULL, user_id integer NOT NULL);
CREATE UNIQUE INDEX one_membership ON members (user_id, team_id);
INSERT INTO members (team_id, user_id) VALUES (1, 1), (1, 2);
