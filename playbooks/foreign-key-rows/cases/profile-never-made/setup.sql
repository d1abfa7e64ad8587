INSERT INTO auth.users (id, email) VALUES
  ('11111111-1111-4111-8111-000000000001', 'early@example.org'),
  ('11111111-1111-4111-8111-000000000002', 'early.too@example.org');
CREATE TABLE profiles (
  id         uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE,
  "fullName" text,
  plan       text NOT NULL DEFAULT 'free'
);
CREATE FUNCTION handle_new_user() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO public.profiles (id) VALUES (new.id) ON CONFLICT (id) DO NOTHING;
  RETURN new;
END;
$$;
CREATE TRIGGER on_auth_user_created AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION handle_new_user();
INSERT INTO auth.users (id, email) VALUES ('11111111-1111-4111-8111-000000000003', 'late@example.org');
CREATE TABLE posts (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  author uuid NOT NULL REFERENCES profiles ON DELETE CASCADE,
  body   text NOT NULL
);
GRANT SELECT, INSERT ON posts TO authenticated;
