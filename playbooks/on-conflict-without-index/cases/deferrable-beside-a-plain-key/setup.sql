CREATE TABLE ranks (list integer NOT NULL, place integer, name text, CONSTRAINT ranks_key UNIQUE (list, place),
  CONSTRAINT ranks_swap UNIQUE (place, list) INCLUDE (name) DEFERRABLE INITIALLY DEFERRED);
INSERT INTO ranks VALUES (1, 1, 'a');
CREATE FUNCTION rank_in(l integer, p integer, n text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO ranks (list, place, name) VALUES (l, p, n) ON CONFLICT (list, place) DO UPDATE SET name = EXCLUDED.name;
$$;
