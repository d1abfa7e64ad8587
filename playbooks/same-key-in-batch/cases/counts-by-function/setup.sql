CREATE SCHEMA stats;
CREATE TABLE stats."Daily Totals" (
  "Day" date NOT NULL,
  kind text NOT NULL,
  amount integer NOT NULL,
  PRIMARY KEY ("Day", kind)
);
INSERT INTO stats."Daily Totals" VALUES ('2026-02-01', 'clicks', 4);
CREATE FUNCTION stats.add_up(p_day date, p_entries jsonb) RETURNS integer
LANGUAGE plpgsql SET search_path = stats, pg_temp AS $$
BEGIN
  -- the newest entry comes last
  INSERT INTO "Daily Totals" ("Day", kind, amount)
  SELECT p_day, e.kind, e.amount
  FROM jsonb_to_recordset(p_entries) AS e (kind text, amount integer, at timestamptz)
  ORDER BY e.at
  ON CONFLICT ("Day", kind) DO UPDATE SET amount = EXCLUDED.amount;
  RETURN 1;
END;
$$;
