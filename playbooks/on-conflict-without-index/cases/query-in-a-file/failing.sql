INSERT INTO crm.contact_channel (contact_id, kind, value, is_main) VALUES (1, 'email', 'c@x.org', true) ON CONFLICT (contact_id, kind) DO UPDATE SET value = EXCLUDED.value;
