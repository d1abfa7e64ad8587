-- Event triggers.
SELECT e.evtname AS name, e.evtevent AS event,
       CASE e.evtenabled WHEN 'O' THEN 'origin' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica'
                         ELSE 'always' END AS enabled
FROM pg_event_trigger AS e
ORDER BY 1, 2
