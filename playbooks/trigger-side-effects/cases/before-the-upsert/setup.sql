CREATE TABLE sensors (serial text PRIMARY KEY, place text, seen_at timestamptz DEFAULT now());
CREATE TABLE sensor_first_seen (serial text PRIMARY KEY, place text);
CREATE TABLE sensor_log (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, serial text, place text);
CREATE FUNCTION note_sensor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO sensor_log (serial, place) VALUES (NEW.serial, NEW.place);
  INSERT INTO sensor_first_seen (serial, place) VALUES (NEW.serial, NEW.place);
  RETURN NEW;
END $$;
CREATE TRIGGER sensors_noted BEFORE INSERT ON sensors FOR EACH ROW EXECUTE FUNCTION note_sensor();
-- The same AFTER the row is there: an upsert of a row that is there fires nothing.
CREATE TABLE gauges (serial text PRIMARY KEY, place text);
CREATE TABLE gauge_first_seen (serial text PRIMARY KEY, place text);
CREATE FUNCTION note_gauge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO gauge_first_seen (serial, place) VALUES (NEW.serial, NEW.place);
  RETURN NULL;
END $$;
CREATE TRIGGER gauges_noted AFTER INSERT ON gauges FOR EACH ROW EXECUTE FUNCTION note_gauge();
INSERT INTO sensors VALUES ('s-1', 'roof');
