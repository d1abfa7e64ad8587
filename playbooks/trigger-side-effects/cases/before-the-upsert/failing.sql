INSERT INTO sensors (serial, place) VALUES ('s-1', 'cellar') ON CONFLICT (serial) DO UPDATE SET place = EXCLUDED.place;
