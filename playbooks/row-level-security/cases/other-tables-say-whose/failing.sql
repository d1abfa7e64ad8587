SELECT set_config('app.member', '1', true);
INSERT INTO app.alerts ("memberId", body) VALUES (1, 'Wake up') RETURNING id;
