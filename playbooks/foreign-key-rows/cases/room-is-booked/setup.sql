CREATE TABLE rooms (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE bookings (id integer PRIMARY KEY, room_id integer NOT NULL REFERENCES rooms, guest text NOT NULL);
CREATE TABLE photos (id integer PRIMARY KEY, room_id integer NOT NULL REFERENCES rooms ON DELETE CASCADE);
INSERT INTO rooms VALUES (41, 'Blue'), (42, 'Green');
INSERT INTO bookings VALUES (1, 41, 'Ada');
