INSERT INTO playlist_tracks (playlist_id, position, track_id) VALUES (1, 1, 12);
