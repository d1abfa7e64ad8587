CREATE SCHEMA acct;
CREATE TABLE acct.rates (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  region text NOT NULL,
  period integer,
  rate   numeric NOT NULL,
  CONSTRAINT rates_region_period UNIQUE (region, period)
);
CREATE TABLE acct.bills (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  region text NOT NULL,
  period integer NOT NULL,
  FOREIGN KEY (region, period) REFERENCES acct.rates (region, period)
);
CREATE FUNCTION acct.set_rate(p_region text, p_rate numeric, p_period integer DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = acct AS $f$
BEGIN
  INSERT INTO rates (region, period, rate) VALUES (p_region, p_period, p_rate)
  ON CONFLICT (region, period) DO UPDATE SET rate = EXCLUDED.rate;
END $f$;
SELECT acct.set_rate('north', 0.19, 2024);
INSERT INTO acct.bills (region, period) VALUES ('north', 2024);
