CREATE TABLE parcels (id integer PRIMARY KEY, weight integer);
CREATE TABLE parcel_marks (parcel_id integer PRIMARY KEY, mark text NOT NULL);
CREATE FUNCTION mark_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    RETURN NEW;
  END IF;
  INSERT INTO parcel_marks (parcel_id, mark) VALUES (NEW.id, 'new');
  RETURN NEW;
END $$;
CREATE FUNCTION mark_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  CASE TG_OP
    WHEN 'UPDATE' THEN
      INSERT INTO parcel_marks (parcel_id, mark) VALUES (NEW.id, 'changed')
      ON CONFLICT (parcel_id) DO UPDATE SET mark = EXCLUDED.mark;
    ELSE
      NULL;
  END CASE;
  RETURN NEW;
END $$;
CREATE TRIGGER a_mark AFTER INSERT OR UPDATE ON parcels FOR EACH ROW EXECUTE FUNCTION mark_new();
CREATE TRIGGER b_mark AFTER INSERT OR UPDATE ON parcels FOR EACH ROW EXECUTE FUNCTION mark_changed();
INSERT INTO parcels VALUES (1, 5);
UPDATE parcels SET weight = 6;
