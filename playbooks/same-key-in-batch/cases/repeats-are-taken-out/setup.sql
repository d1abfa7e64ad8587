CREATE TABLE tags (name text PRIMARY KEY, color text);
CREATE TABLE visits (person integer, day date, n integer NOT NULL, PRIMARY KEY (person, day));
CREATE FUNCTION visits_of(p_people integer[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO visits (person, day, n) SELECT DISTINCT ON (p) p, current_date, 1 FROM unnest(p_people) AS p ORDER BY p
  ON CONFLICT (person, day) DO UPDATE SET n = visits.n + 1;
$$;
CREATE FUNCTION visits_grouped(p_people integer[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO visits (person, day, n) SELECT p, current_date, count(*) FROM unnest(p_people) AS p GROUP BY p
  ON CONFLICT (person, day) DO UPDATE SET n = visits.n + EXCLUDED.n;
END;
$$;
