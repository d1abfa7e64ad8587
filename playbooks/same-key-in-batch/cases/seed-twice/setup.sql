CREATE TABLE features (name text PRIMARY KEY, enabled boolean NOT NULL DEFAULT false);
