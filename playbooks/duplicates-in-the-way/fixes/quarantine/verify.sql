{% if make != "nothing" %}SELECT 'a valid unique index holds the rule' AS label,
       EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
               WHERE i.indrelid = to_regclass({{ relation | literal }}) AND c.relname = {{ index | text | literal }}
                 AND i.indisunique AND i.indisvalid AND i.indisready AND i.indimmediate) AS holds,
       '' AS detail
UNION ALL
{% endif %}{% include "duplicates-in-the-way/quarantine/one-left.sql" %}
