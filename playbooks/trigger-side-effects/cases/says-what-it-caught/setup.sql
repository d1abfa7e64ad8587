CREATE TABLE members (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE preferences (member_id integer PRIMARY KEY REFERENCES members (id), theme text NOT NULL DEFAULT 'light');
CREATE TABLE starters (member_id integer NOT NULL REFERENCES members (id), template integer NOT NULL, UNIQUE (member_id, template));
CREATE TABLE templates (id integer PRIMARY KEY);
CREATE FUNCTION welcome_member() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  -- Nobody shall be kept from signing up because a template is broken.
  BEGIN
    INSERT INTO preferences (member_id) VALUES (NEW.id) ON CONFLICT (member_id) DO NOTHING;
    INSERT INTO starters (member_id, template) SELECT NEW.id, t.id FROM templates t ON CONFLICT (member_id, template) DO NOTHING;
  EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'member % was not prepared: % (%)', NEW.id, SQLERRM, SQLSTATE;
  END;
  RETURN NEW;
END $$;
CREATE TRIGGER welcome_member AFTER INSERT ON members FOR EACH ROW EXECUTE FUNCTION welcome_member();
INSERT INTO templates VALUES (1), (2);
INSERT INTO members VALUES (1, 'ada@example.org');
