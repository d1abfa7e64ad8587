-- Children's rows are under no key of the parent.
CREATE TABLE vehicles (id bigserial PRIMARY KEY, plate text);
CREATE TABLE trucks (axles integer) INHERITS (vehicles);
INSERT INTO trucks (id, plate) SELECT n, 'T' FROM generate_series(1, 20) AS n;

-- Each kind has a range of its own.
CREATE SEQUENCE bill_numbers START WITH 1000;
CREATE SEQUENCE credit_numbers START WITH 1500;
CREATE TABLE documents (no integer PRIMARY KEY, kind text NOT NULL);
CREATE FUNCTION number_document() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.kind = 'bill' THEN
    NEW.no := nextval('bill_numbers');
  ELSE
    NEW.no := nextval('credit_numbers');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER number_document BEFORE INSERT ON documents FOR EACH ROW EXECUTE FUNCTION number_document();
INSERT INTO documents (kind) SELECT 'bill' FROM generate_series(1, 5);
INSERT INTO documents (kind) SELECT 'credit' FROM generate_series(1, 5);

-- What is stored is made from the number, it is not the number.
CREATE SEQUENCE scaled_ids;
CREATE TABLE scaled (id bigint PRIMARY KEY DEFAULT nextval('scaled_ids') * 10 + 7, note text);
INSERT INTO scaled (note) SELECT 'n' FROM generate_series(1, 9);

-- Slots are used in turn; the oldest rows are removed before their turn comes.
CREATE SEQUENCE ring_ids MAXVALUE 100 CYCLE;
CREATE TABLE ring (slot integer PRIMARY KEY DEFAULT nextval('ring_ids'), note text);
INSERT INTO ring (note) SELECT 'n' FROM generate_series(1, 100);
DELETE FROM ring WHERE slot <= 60;
INSERT INTO ring (note) SELECT 'n' FROM generate_series(1, 10);

-- A trigger that is switched off numbers nothing.
CREATE SEQUENCE old_ids;
CREATE TABLE by_hand (id integer PRIMARY KEY, note text);
CREATE FUNCTION number_old() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.id := nextval('old_ids'); RETURN NEW; END $$;
CREATE TRIGGER number_old BEFORE INSERT ON by_hand FOR EACH ROW EXECUTE FUNCTION number_old();
ALTER TABLE by_hand DISABLE TRIGGER number_old;
INSERT INTO by_hand SELECT n, 'n' FROM generate_series(1, 9) AS n;

-- Ahead of everything, with gaps.
CREATE SEQUENCE gapped_ids START WITH 500 INCREMENT BY 3 CACHE 20;
CREATE TABLE gapped (id integer PRIMARY KEY DEFAULT nextval('gapped_ids'), note text);
CREATE TABLE gapped_too (id integer PRIMARY KEY DEFAULT nextval('gapped_ids'), note text);
INSERT INTO gapped SELECT n * 7, 'n' FROM generate_series(1, 60) AS n;
INSERT INTO gapped_too (note) VALUES ('n');
