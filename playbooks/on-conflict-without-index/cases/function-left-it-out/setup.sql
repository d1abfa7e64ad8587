CREATE SCHEMA app;
CREATE TABLE app.leases (id serial PRIMARY KEY, unit integer NOT NULL, tenant text, ended date);
CREATE UNIQUE INDEX leases_open_key ON app.leases (unit) WHERE ended IS NULL;
CREATE FUNCTION app.lease_unit(p_unit integer, p_tenant text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = app, pg_temp AS $$
BEGIN
  -- one open lease a unit
  INSERT INTO leases (unit, tenant) VALUES (p_unit, p_tenant)
  ON CONFLICT (unit) DO UPDATE SET tenant = EXCLUDED.tenant;
END;
$$;
