-- Settings that change an answer: the session's, and what PostgREST was told through its roles.
SELECT s.name AS name, s.setting AS value
FROM pg_settings AS s
WHERE s.name IN ('session_replication_role', 'default_transaction_isolation', 'lc_messages',
                 'max_locks_per_transaction', 'default_transaction_read_only', 'row_security',
                 'server_encoding', 'TimeZone', 'DateStyle', 'IntervalStyle')
UNION ALL
SELECT 'search_path', %(search_path)s
UNION ALL
SELECT told.name, told.value
FROM (
  SELECT DISTINCT ON (split_part(c, '=', 1)) split_part(c, '=', 1) AS name,
         substr(c, strpos(c, '=') + 1) AS value
  FROM pg_db_role_setting AS d
  LEFT JOIN pg_database AS b ON b.oid = d.setdatabase
  CROSS JOIN unnest(d.setconfig) AS c
  WHERE starts_with(c, 'pgrst.') AND (d.setdatabase = 0 OR b.datname = current_database())
  ORDER BY split_part(c, '=', 1), d.setdatabase DESC, d.setrole DESC
) AS told
