CREATE UNIQUE INDEX ON artists (name);
