-- Roles, without the predefined ones, and whether this session may become them.
SELECT r.rolname AS name, r.rolsuper::int4 AS superuser, r.rolbypassrls::int4 AS bypass_rls,
       r.rolcanlogin::int4 AS can_login,
       (SELECT substr(c, 13)
        FROM pg_db_role_setting AS d
        LEFT JOIN pg_database AS b ON b.oid = d.setdatabase
        CROSS JOIN unnest(d.setconfig) AS c
        WHERE d.setrole = r.oid AND left(c, 12) = 'search_path='
          AND (d.setdatabase = 0 OR b.datname = current_database())
        ORDER BY d.setdatabase DESC LIMIT 1) AS search_path,
       pg_has_role(r.oid, 'SET')::int4 AS settable  -- since 16
       pg_has_role(r.oid, 'MEMBER')::int4 AS settable  -- before 16
FROM pg_roles AS r
WHERE left(r.rolname, 3) <> 'pg_'
ORDER BY 1, 2
