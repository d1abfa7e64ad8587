INSERT INTO desk_settings (person, engine) VALUES ('11111111-1111-4111-8111-00000000000a', 'x') ON CONFLICT (person, engine) DO UPDATE SET engine = EXCLUDED.engine;
