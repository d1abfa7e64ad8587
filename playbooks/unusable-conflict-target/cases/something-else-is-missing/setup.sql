CREATE TABLE moods (id serial PRIMARY KEY, person text NOT NULL, mood text, CONSTRAINT moods_person UNIQUE (person));
