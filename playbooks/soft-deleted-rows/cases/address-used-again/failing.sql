INSERT INTO members (team_id, email, role) VALUES (1, 'ada@example.com', 'guest');
