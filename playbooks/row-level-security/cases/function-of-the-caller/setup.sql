CREATE TABLE stars (person uuid NOT NULL, film integer NOT NULL, given integer NOT NULL, PRIMARY KEY (person, film));
ALTER TABLE stars ENABLE ROW LEVEL SECURITY;
CREATE POLICY "give stars" ON stars FOR INSERT TO authenticated WITH CHECK (person = (SELECT auth.uid()));
GRANT SELECT, INSERT, UPDATE ON stars TO authenticated;
CREATE FUNCTION star(p_film integer, p_given integer) RETURNS void LANGUAGE plpgsql SET search_path = public AS $f$
BEGIN
  INSERT INTO stars (person, film, given) VALUES (auth.uid(), p_film, p_given)
  ON CONFLICT (person, film) DO UPDATE SET given = EXCLUDED.given;
END $f$;
