CREATE TABLE heroes (id integer PRIMARY KEY, name text NOT NULL, active boolean NOT NULL DEFAULT true);
CREATE TABLE badges (hero_id integer NOT NULL, kind text NOT NULL, label text, PRIMARY KEY (hero_id, kind));
CREATE FUNCTION first_badge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO badges (hero_id, kind) VALUES (NEW.id, 'welcome');
  RETURN NEW;
END $$;
CREATE FUNCTION give_badge(hero integer, badge text, caption text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO badges (hero_id, kind, label) VALUES (hero, badge, caption);
$$;
CREATE FUNCTION second_badge() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wanted CONSTANT text := 'welcome';
BEGIN
  IF NEW.active THEN
    PERFORM give_badge(NEW.id, wanted, NEW.name);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER first_badge AFTER INSERT ON heroes FOR EACH ROW EXECUTE FUNCTION first_badge();
CREATE TRIGGER second_badge AFTER INSERT ON heroes FOR EACH ROW EXECUTE FUNCTION second_badge();
