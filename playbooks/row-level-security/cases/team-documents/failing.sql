INSERT INTO documents (team, slug, body) VALUES (1, 'plan', 'new')
ON CONFLICT (team, slug) DO UPDATE SET team = EXCLUDED.team, slug = EXCLUDED.slug, body = EXCLUDED.body;
