CREATE TABLE posts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text);
CREATE TABLE likes (
  post_id bigint NOT NULL REFERENCES posts (id), account_id uuid NOT NULL, liked_at timestamptz DEFAULT now(),
  PRIMARY KEY (post_id, account_id)
);
INSERT INTO posts (body) VALUES ('a'), ('b');
INSERT INTO likes (post_id, account_id) VALUES (1, '11111111-1111-4111-8111-00000000000a');
