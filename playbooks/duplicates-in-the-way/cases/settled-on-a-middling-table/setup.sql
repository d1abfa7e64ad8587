UPDATE pg_class SET reltuples = 300000 WHERE oid = 'readings'::regclass;
