CREATE TABLE bookings (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  during tstzrange NOT NULL,
  CONSTRAINT bookings_do_not_overlap EXCLUDE USING gist (during WITH &&)
);
INSERT INTO bookings (during) VALUES ('[2026-01-01 10:00+00, 2026-01-01 11:00+00)');
