-- name: add_channel
INSERT INTO crm.contact_channel (contact_id, kind, value)
VALUES (:contact_id, :kind, :value)
ON CONFLICT (contact_id, kind, value) DO NOTHING;
-- name: set_main_channel
INSERT INTO crm.contact_channel (contact_id, kind, value, is_main)
VALUES (:contact_id, :kind, :value, true)
ON CONFLICT (contact_id, kind)
DO UPDATE SET value = EXCLUDED.value;
