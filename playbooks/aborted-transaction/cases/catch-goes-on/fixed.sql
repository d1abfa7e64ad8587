INSERT INTO enrolment_log (student, note) VALUES (1, 'failed');
