-- As the planner would see it after an ANALYZE of a large table.
UPDATE pg_class SET reltuples = 2500000 WHERE oid = 'badges'::regclass;
