CREATE TABLE visits (page text NOT NULL, visitor uuid NOT NULL, first_seen timestamptz DEFAULT now(), PRIMARY KEY (page, visitor));
INSERT INTO visits (page, visitor) VALUES ('/', '11111111-1111-4111-8111-00000000000a');
