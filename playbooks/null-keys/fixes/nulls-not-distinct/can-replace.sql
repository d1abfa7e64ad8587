UNION ALL
SELECT 'nothing else hangs on the key that is replaced', {% if way == "beside" %}true, ''{% else %}NOT EXISTS (
         SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = i.indexrelid)
         AND NOT i.indisclustered AND x.reloptions IS NULL AND x.reltablespace = 0 AND obj_description(x.oid, 'pg_class') IS NULL
         AND NOT EXISTS (SELECT FROM pg_description d JOIN pg_constraint k ON k.oid = d.objoid WHERE d.classoid = 'pg_constraint'::regclass AND k.conindid = i.indexrelid),
       'foreign keys, clustering, storage options, comments'
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indexrelid = to_regclass({{ index_name | literal }}){% endif %}

UNION ALL
SELECT 'the server knows NULLS NOT DISTINCT', current_setting('server_version_num')::int >= 150000, current_setting('server_version')
UNION ALL
SELECT 'the name of the new index is free', {% if way == "beside" %}to_regclass({{ beside_name | literal }}) IS NULL{% else %}true{% endif %}, ''
