CREATE TABLE artists (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE songs (id serial PRIMARY KEY, title text NOT NULL);
CREATE TABLE credits (artist_id integer REFERENCES artists (id) ON DELETE CASCADE, song_id integer REFERENCES songs (id), PRIMARY KEY (artist_id, song_id));
INSERT INTO artists (name) VALUES ('Nina'), ('Nina'), ('Ella');
INSERT INTO songs (title) VALUES ('one'), ('two');
INSERT INTO credits VALUES (1, 1), (2, 1), (2, 2), (3, 2);
