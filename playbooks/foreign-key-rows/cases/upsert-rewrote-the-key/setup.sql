CREATE TABLE rooms (id uuid PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE bookings (id integer PRIMARY KEY, room_id uuid NOT NULL REFERENCES rooms, guest text NOT NULL);
