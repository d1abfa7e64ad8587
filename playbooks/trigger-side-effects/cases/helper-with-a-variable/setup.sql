CREATE TABLE vehicles (id integer PRIMARY KEY, "plateNumber" text NOT NULL);
CREATE TABLE vehicle_tags ("vehicleId" integer NOT NULL, kind text NOT NULL, label text, PRIMARY KEY ("vehicleId", kind));
CREATE FUNCTION put_tag(p_vehicle integer, p_label text DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_kind text := 'plate';
BEGIN
  INSERT INTO vehicle_tags ("vehicleId", kind, label) VALUES (p_vehicle, v_kind, p_label);
END $$;
CREATE FUNCTION tag_vehicle() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_id integer;
BEGIN
  v_id := NEW.id;
  PERFORM put_tag(v_id, p_label => NEW."plateNumber");
  RETURN NEW;
END $$;
CREATE TRIGGER tag_vehicle AFTER INSERT OR UPDATE ON vehicles FOR EACH ROW EXECUTE FUNCTION tag_vehicle();
INSERT INTO vehicles VALUES (1, 'B-AB 1');
