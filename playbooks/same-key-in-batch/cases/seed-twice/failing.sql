INSERT INTO features (name, enabled) VALUES ('export', true), ('search', false), ('export', false) ON CONFLICT (name) DO UPDATE SET enabled = EXCLUDED.enabled;
