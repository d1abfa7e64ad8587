-- Who has the rights of a role that a policy names, as its member. A superuser needs none.
SELECT m.rolname AS member, g.rolname AS role
FROM pg_roles AS g
JOIN pg_roles AS m ON m.oid <> g.oid AND NOT m.rolsuper AND pg_has_role(m.oid, g.oid, 'USAGE')
WHERE g.oid IN (SELECT unnest(p.polroles) FROM pg_policy AS p) AND left(m.rolname, 3) <> 'pg_'
ORDER BY 1, 2
