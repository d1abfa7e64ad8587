CREATE SCHEMA crm;
CREATE TABLE crm.contact_channel (
  contact_id int NOT NULL, kind text NOT NULL, value text NOT NULL, is_main boolean NOT NULL DEFAULT false,
  PRIMARY KEY (contact_id, kind, value)
);
CREATE UNIQUE INDEX contact_channel_main ON crm.contact_channel (contact_id, kind) WHERE is_main;
INSERT INTO crm.contact_channel VALUES (1, 'email', 'a@x.org', true), (1, 'email', 'b@x.org', false);
