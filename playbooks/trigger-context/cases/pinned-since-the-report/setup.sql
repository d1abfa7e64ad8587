CREATE SCHEMA app;
CREATE SCHEMA stats;
CREATE TABLE app.visits (id bigserial PRIMARY KEY, page text);
CREATE TABLE stats.page_counts (page text PRIMARY KEY, n bigint NOT NULL DEFAULT 0);
CREATE FUNCTION app.bump() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = stats, app, pg_temp AS $$
BEGIN
  INSERT INTO page_counts AS p (page, n) VALUES (NEW.page, 1) ON CONFLICT (page) DO UPDATE SET n = p.n + 1;
  RETURN NEW;
END $$;
CREATE TRIGGER visits_bump AFTER INSERT ON app.visits FOR EACH ROW EXECUTE FUNCTION app.bump();
