CREATE TABLE people (id integer PRIMARY KEY, kind text NOT NULL);
CREATE TABLE desks (person_id integer PRIMARY KEY REFERENCES people (id), floor integer);
CREATE FUNCTION student_desk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO desks (person_id, floor) VALUES (NEW.id, 1);
  RETURN NULL;
END $$;
CREATE FUNCTION teacher_desk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO desks (person_id, floor) VALUES (NEW.id, 2);
  RETURN NULL;
END $$;
CREATE TRIGGER student_desk AFTER INSERT ON people FOR EACH ROW WHEN (NEW.kind = 'student') EXECUTE FUNCTION student_desk();
CREATE TRIGGER teacher_desk AFTER INSERT ON people FOR EACH ROW WHEN (NEW.kind = 'teacher') EXECUTE FUNCTION teacher_desk();
INSERT INTO people VALUES (1, 'student'), (2, 'teacher');
