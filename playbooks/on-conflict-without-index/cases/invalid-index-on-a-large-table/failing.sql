INSERT INTO badges (code, owner) VALUES ('a', 'z') ON CONFLICT (code) DO UPDATE SET owner = EXCLUDED.owner;
