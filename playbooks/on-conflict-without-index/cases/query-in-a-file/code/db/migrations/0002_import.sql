-- Ran once, when there was another key.
INSERT INTO crm.contact_channel (contact_id, kind, value) SELECT 1, 'fax', '0' ON CONFLICT (kind) DO NOTHING;
