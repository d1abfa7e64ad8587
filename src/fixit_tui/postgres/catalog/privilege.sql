-- Table privileges of the roles that requests run as.
SELECT c.oid::bigint AS relation, CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(x.grantee)::text END AS role, lower(x.privilege_type) AS privilege
FROM pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) x
WHERE c.oid IN (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r','p','v','m','f') AND c.oid >= 16384 AND c.relpersistence <> 't' AND n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema')
  AND (x.grantee = 0 OR pg_get_userbyid(x.grantee) IN ('anon', 'authenticated', 'service_role', current_user)
       OR x.grantee IN (SELECT unnest(polroles) FROM pg_policy))
