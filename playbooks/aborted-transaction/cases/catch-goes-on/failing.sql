INSERT INTO enrolments (student, course) VALUES (1, 1);
INSERT INTO enrolment_log (student, note) VALUES (1, 'failed');
