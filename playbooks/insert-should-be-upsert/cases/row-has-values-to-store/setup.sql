CREATE TABLE reading_settings (
  id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
  account_id uuid NOT NULL, device_id uuid NOT NULL, font_size integer NOT NULL,
  UNIQUE (account_id, device_id)
);
INSERT INTO reading_settings (account_id, device_id, font_size) VALUES ('11111111-1111-4111-8111-00000000000a', '22222222-1111-4111-8111-00000000000a', 12);
