CREATE TABLE practice_totals (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), pupil uuid NOT NULL UNIQUE, rounds integer NOT NULL DEFAULT 0, hits integer NOT NULL DEFAULT 0);
INSERT INTO practice_totals (pupil, rounds, hits) VALUES ('11111111-1111-4111-8111-00000000000a', 41, 17);
