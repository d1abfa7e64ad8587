INSERT INTO playlist_tracks (playlist_id, position, track_id) VALUES (1, 1, 12) ON CONFLICT (playlist_id, position) DO UPDATE SET track_id = EXCLUDED.track_id;
