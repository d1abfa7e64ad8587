-- Event triggers.
SELECT evtname AS name, evtevent AS event, CASE evtenabled WHEN 'O' THEN 'origin' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' ELSE 'always' END AS enabled FROM pg_event_trigger
