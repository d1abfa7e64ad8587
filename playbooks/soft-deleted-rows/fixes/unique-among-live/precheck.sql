SELECT 'no foreign key depends on this key' AS label, count(*) = 0 AS holds,
       coalesce(string_agg(f.conname || ' on ' || f.conrelid::regclass::text, ', '), '') AS detail
FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = to_regclass({{ key_name | literal }})
UNION ALL
SELECT 'nothing else hangs on the key that is replaced',
       NOT i.indisclustered AND NOT i.indisreplident AND x.reltablespace = 0 AND obj_description(x.oid, 'pg_class') IS NULL
       {% if constraint %}AND x.reloptions IS NULL
       AND NOT EXISTS (SELECT FROM pg_description d JOIN pg_constraint k ON k.oid = d.objoid WHERE d.classoid = 'pg_constraint'::regclass AND k.conindid = i.indexrelid){% endif %},
       'clustering, replica identity, storage options, comments'
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indexrelid = to_regclass({{ key_name | literal }})
UNION ALL
SELECT 'the name of the new index is free', to_regclass({{ building_name | literal }}) IS NULL, ''
UNION ALL
SELECT 'it is a plain table', c.relkind = 'r', ''
FROM pg_class c WHERE c.oid = to_regclass({{ relation | literal }})
UNION ALL
SELECT 'you may alter the table', pg_has_role(c.relowner, 'USAGE'), 'owner: ' || pg_get_userbyid(c.relowner)
FROM pg_class c WHERE c.oid = to_regclass({{ relation | literal }})
