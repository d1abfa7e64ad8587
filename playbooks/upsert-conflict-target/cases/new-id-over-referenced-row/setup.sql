CREATE TABLE rooms (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), code text NOT NULL UNIQUE, seats integer NOT NULL);
CREATE TABLE bookings (id serial PRIMARY KEY, room_id uuid NOT NULL REFERENCES rooms (id));
INSERT INTO rooms (id, code, seats) VALUES ('aaaaaaaa-0000-4000-8000-000000000001', 'R1', 4);
INSERT INTO bookings (room_id) VALUES ('aaaaaaaa-0000-4000-8000-000000000001');
