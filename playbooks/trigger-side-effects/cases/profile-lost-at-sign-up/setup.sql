CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users (id), email text, username text NOT NULL UNIQUE);
CREATE TABLE posts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, author uuid NOT NULL REFERENCES profiles (id), body text NOT NULL);
GRANT INSERT, SELECT ON posts TO authenticated;
CREATE FUNCTION handle_new_user() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  BEGIN
    INSERT INTO public.profiles (id, email) VALUES (NEW.id, NEW.email);
  EXCEPTION WHEN OTHERS THEN
    NULL;
  END;
  RETURN NEW;
END $$;
CREATE TRIGGER on_auth_user_created AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION handle_new_user();
INSERT INTO auth.users (id, email) VALUES ('28263d02-25cb-4a64-8595-000000000001', 'ada@example.org');
