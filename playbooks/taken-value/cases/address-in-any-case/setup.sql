CREATE SCHEMA app;
CREATE TABLE app.account (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email character varying(200) NOT NULL, closed_at timestamptz);
CREATE UNIQUE INDEX account_email_lower ON app.account (lower(email)) WHERE closed_at IS NULL;
INSERT INTO app.account (email) VALUES ('Ada@Example.org'), ('grace@example.org');
