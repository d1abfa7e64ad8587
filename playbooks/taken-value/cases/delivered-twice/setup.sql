CREATE TABLE payments (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stripe_event_id text NOT NULL UNIQUE, amount integer);
