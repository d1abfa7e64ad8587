CREATE TABLE channels (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  handle text NOT NULL UNIQUE,
  topic text
);
CREATE TABLE channel_log (id bigserial PRIMARY KEY, handle text NOT NULL, made_at timestamptz NOT NULL DEFAULT now());

-- A handle that is taken stays taken.
CREATE FUNCTION open_channel(wanted_handle text, about text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  made uuid;
BEGIN
  INSERT INTO channels (handle, topic) VALUES (wanted_handle, about) RETURNING id INTO made;
  INSERT INTO channel_log (handle) VALUES (wanted_handle);
  RETURN made;
END $$;

-- Its handle is made on the spot.
CREATE FUNCTION open_private_channel() RETURNS void LANGUAGE sql AS $$
  INSERT INTO channels (handle) VALUES (gen_random_uuid()::text)
$$;

CREATE FUNCTION import_channel(old_handle text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO channels (handle) VALUES (old_handle)
$$;
INSERT INTO channels (handle) VALUES ('general');
