INSERT INTO practice_totals (pupil, rounds, hits) VALUES ('11111111-1111-4111-8111-00000000000a', 1, 1);
