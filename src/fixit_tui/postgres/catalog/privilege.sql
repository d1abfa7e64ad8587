-- What the roles that requests run as may do with a relation: granted to them, to PUBLIC (its own
-- rows), or to a role that they inherit from. Reading and writing only; a right on some columns
-- is 'insert (a)'. Without any grant the owner has everything.
WITH wanted AS (
  SELECT r.oid, r.rolname FROM pg_roles AS r
  WHERE r.rolname IN ('anon', 'authenticated', 'service_role', 'supabase_auth_admin', current_user)
     OR r.oid IN (SELECT unnest(p.polroles) FROM pg_policy AS p)
),
via AS (
  SELECT g.oid AS grantee, w.rolname AS role FROM wanted AS w JOIN pg_roles AS g
    ON g.oid = w.oid OR pg_has_role(w.oid, g.oid, 'USAGE')
  UNION ALL SELECT 0, 'PUBLIC'
)
SELECT DISTINCT c.oid::int8 AS relation, v.role::text AS role, lower(x.privilege_type) AS privilege
FROM pg_class AS c
CROSS JOIN aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS x
JOIN via AS v ON v.grantee = x.grantee
WHERE {relations} AND x.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
UNION ALL
SELECT DISTINCT c.oid::int8, v.role::text, lower(x.privilege_type) || ' (' || a.attname || ')'
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
CROSS JOIN aclexplode(a.attacl) AS x
JOIN via AS v ON v.grantee = x.grantee
WHERE {relations} AND a.attacl IS NOT NULL AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY 1, 2
