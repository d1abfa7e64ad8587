CREATE TABLE documents (id integer PRIMARY KEY, version integer NOT NULL DEFAULT 1, body text);
CREATE TABLE document_versions (document_id integer NOT NULL, version integer NOT NULL, body text, PRIMARY KEY (document_id, version));
CREATE FUNCTION next_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  RETURN NEW;
END $$;
CREATE FUNCTION keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO document_versions (document_id, version, body) VALUES (OLD.id, OLD.version, OLD.body);
  RETURN NEW;
END $$;
CREATE FUNCTION keep_new_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO document_versions (document_id, version, body) VALUES (NEW.id, NEW.version + 1000, NEW.body);
  RETURN NEW;
END $$;
CREATE TRIGGER next_version BEFORE UPDATE ON documents FOR EACH ROW EXECUTE FUNCTION next_version();
CREATE TRIGGER keep_version AFTER UPDATE ON documents FOR EACH ROW EXECUTE FUNCTION keep_version();
CREATE TRIGGER keep_new_version AFTER UPDATE ON documents FOR EACH ROW EXECUTE FUNCTION keep_new_version();
INSERT INTO documents VALUES (1);
