-- Roles, without the predefined ones, and whether this session may become them.
SELECT r.rolname AS name, r.rolsuper::int4 AS superuser, r.rolbypassrls::int4 AS bypass_rls,
       r.rolcanlogin::int4 AS can_login,
       pg_has_role(r.oid, 'SET')::int4 AS settable  -- since 16
       pg_has_role(r.oid, 'MEMBER')::int4 AS settable  -- before 16
FROM pg_roles AS r
WHERE left(r.rolname, 3) <> 'pg_'
ORDER BY 1, 2
