CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users ON DELETE CASCADE, username text UNIQUE, avatar text, updated_at timestamptz DEFAULT now());
ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
CREATE POLICY p1 ON profiles FOR SELECT USING (true);
CREATE POLICY p2 ON profiles FOR UPDATE TO authenticated USING (auth.uid() = id) WITH CHECK (auth.uid() = id);
CREATE POLICY p3 ON profiles FOR INSERT TO authenticated WITH CHECK (auth.uid() = id);
GRANT SELECT, INSERT, UPDATE ON profiles TO anon, authenticated;
CREATE FUNCTION handle_new_user() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE v_name text := coalesce(NEW.raw_user_meta_data->>'user_name', split_part(NEW.email,'@',1));
BEGIN
  INSERT INTO public.profiles (id, username) VALUES (NEW.id, v_name) ON CONFLICT (id) DO NOTHING;
  INSERT INTO public.settings (user_id) VALUES (NEW.id);
  RETURN NEW;
END $$;
CREATE TABLE settings (user_id uuid PRIMARY KEY REFERENCES auth.users ON DELETE CASCADE, theme text NOT NULL DEFAULT 'light');
ALTER TABLE settings ENABLE ROW LEVEL SECURITY;
CREATE POLICY s1 ON settings TO authenticated USING (auth.uid() = user_id) WITH CHECK (auth.uid() = user_id);
GRANT ALL ON settings TO authenticated;
CREATE TRIGGER on_auth_user_created AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION handle_new_user();
CREATE FUNCTION sync_email() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$ BEGIN UPDATE public.profiles SET updated_at = now() WHERE id = NEW.id; RETURN NEW; END $$;
CREATE TRIGGER on_auth_user_updated AFTER UPDATE OF email ON auth.users FOR EACH ROW EXECUTE FUNCTION sync_email();
CREATE TABLE posts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, author uuid NOT NULL DEFAULT auth.uid() REFERENCES profiles, likes int NOT NULL DEFAULT 0, body text);
CREATE TABLE likes (post_id bigint REFERENCES posts ON DELETE CASCADE, user_id uuid DEFAULT auth.uid() REFERENCES profiles, PRIMARY KEY (post_id, user_id));
ALTER TABLE posts ENABLE ROW LEVEL SECURITY; ALTER TABLE likes ENABLE ROW LEVEL SECURITY;
CREATE POLICY po1 ON posts FOR SELECT USING (true); CREATE POLICY po2 ON posts FOR INSERT TO authenticated WITH CHECK (author = auth.uid());
CREATE POLICY l1 ON likes TO authenticated USING (user_id = auth.uid()) WITH CHECK (user_id = auth.uid());
GRANT SELECT, INSERT ON posts, likes TO authenticated; GRANT DELETE ON likes TO authenticated; GRANT SELECT ON posts TO anon;
CREATE FUNCTION bump_likes() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$ BEGIN
 IF TG_OP = 'INSERT' THEN UPDATE posts SET likes = likes + 1 WHERE id = NEW.post_id; ELSE UPDATE posts SET likes = likes - 1 WHERE id = OLD.post_id; END IF; RETURN NULL; END $$;
CREATE TRIGGER bump_likes AFTER INSERT OR DELETE ON likes FOR EACH ROW EXECUTE FUNCTION bump_likes();
-- notifications: INVOKER with a policy
CREATE TABLE notifications (id bigserial PRIMARY KEY, user_id uuid NOT NULL, kind text NOT NULL, post_id bigint);
ALTER TABLE notifications ENABLE ROW LEVEL SECURITY;
CREATE POLICY n1 ON notifications FOR SELECT TO authenticated USING (user_id = auth.uid());
GRANT SELECT ON notifications TO authenticated;
CREATE FUNCTION notify_author() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v_author uuid; BEGIN
 SELECT author INTO v_author FROM posts WHERE id = NEW.post_id;
 IF v_author <> NEW.user_id THEN INSERT INTO notifications (user_id, kind, post_id) VALUES (v_author, 'like', NEW.post_id); END IF; RETURN NULL; END $$;
CREATE TRIGGER notify_author AFTER INSERT ON likes FOR EACH ROW EXECUTE FUNCTION notify_author();
INSERT INTO auth.users (email) VALUES ('a@x'),('b@x');
