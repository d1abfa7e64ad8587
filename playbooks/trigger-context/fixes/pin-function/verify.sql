{% if path %}
SELECT 'the function looks its names up where they are' AS label,
       coalesce('search_path=' || concat_ws(', '{% for schema in path %}, quote_ident({{ schema | text | literal }}){% endfor %}) = ANY (p.proconfig), false) AS holds,
       coalesce(array_to_string(p.proconfig, '; '), 'nothing pinned') AS detail
FROM pg_proc p WHERE p.oid = to_regprocedure({{ routine_signature | literal }})
{% endif %}
{% if definer and path %}
UNION ALL
{% endif %}
{% if definer %}
SELECT 'it runs with its owner''s rights' AS label, p.prosecdef AS holds, '' AS detail
FROM pg_proc p WHERE p.oid = to_regprocedure({{ routine_signature | literal }})
{% endif %}
