-- Roles, and whether this session may become them.
SELECT r.rolname AS name, r.rolsuper::int AS superuser, r.rolbypassrls::int AS bypass_rls, r.rolcanlogin::int AS can_login,
       pg_has_role(r.oid, 'MEMBER')::int AS settable
FROM pg_roles r WHERE r.rolname NOT LIKE 'pg\_%%'
