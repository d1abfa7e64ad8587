CREATE SCHEMA numbering;
CREATE SEQUENCE numbering.tickets;
CREATE TABLE tickets (id bigint PRIMARY KEY, subject text NOT NULL);
CREATE FUNCTION number_ticket() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.id IS NULL THEN
    SELECT nextval('numbering.tickets') INTO NEW.id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER number_ticket BEFORE INSERT ON tickets FOR EACH ROW EXECUTE FUNCTION number_ticket();
INSERT INTO tickets (subject) VALUES ('first');
INSERT INTO tickets SELECT n, 'moved over' FROM generate_series(2, 60) AS n;
