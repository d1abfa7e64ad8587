CREATE TABLE codes_in (id integer PRIMARY KEY, code text NOT NULL UNIQUE);
CREATE TABLE codes (code text PRIMARY KEY, kind text NOT NULL);
CREATE FUNCTION keep_raw() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO codes (code, kind) VALUES (NEW.code, 'raw');
  NEW.code := 'n-' || NEW.code;
  RETURN NEW;
END $$;
CREATE FUNCTION keep_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO codes (code, kind) VALUES (NEW.code, 'final');
  RETURN NULL;
END $$;
CREATE TRIGGER keep_raw BEFORE INSERT ON codes_in FOR EACH ROW EXECUTE FUNCTION keep_raw();
CREATE TRIGGER keep_final AFTER INSERT ON codes_in FOR EACH ROW EXECUTE FUNCTION keep_final();
INSERT INTO codes_in VALUES (1, 'x');
