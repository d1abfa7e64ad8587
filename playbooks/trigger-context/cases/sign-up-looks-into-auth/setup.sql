DO $$ BEGIN
  CREATE ROLE supabase_auth_admin NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

CREATE TABLE profiles (id uuid PRIMARY KEY, email text);
ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION handle_new_user() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO profiles (id, email) VALUES (NEW.id, NEW.email);
  RETURN NEW;
END $$;
CREATE TRIGGER on_auth_user_created AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION handle_new_user();
GRANT USAGE ON SCHEMA auth TO supabase_auth_admin;
GRANT SELECT, INSERT ON auth.users TO supabase_auth_admin;
DO $$ BEGIN
  EXECUTE format('ALTER ROLE supabase_auth_admin IN DATABASE %I SET search_path = auth', current_database());
END $$;
