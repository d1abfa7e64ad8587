SELECT set_config('app.person', '1', true);
INSERT INTO preferences (person_id, topic, wanted) VALUES (1, 'news', true) ON CONFLICT (person_id, topic) DO UPDATE SET wanted = EXCLUDED.wanted;
