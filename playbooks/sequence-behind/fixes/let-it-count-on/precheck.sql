SELECT 'the sequence is at its end' AS label, q.seq{% if down %}min{% else %}max{% endif %} = {{ ends_at }}
         AND s.last_value::numeric + q.seqincrement {% if down %}<{% else %}>{% endif %} {{ ends_at }} AS holds, 'last number ' || s.last_value AS detail
FROM {{ sequence }} AS s, pg_sequence AS q WHERE q.seqrelid = to_regclass({{ sequence | literal }})
UNION ALL
SELECT 'it does not begin anew by itself', NOT q.seqcycle, '' FROM pg_sequence AS q WHERE q.seqrelid = to_regclass({{ sequence | literal }})
UNION ALL
SELECT 'you own the sequence', pg_has_role(c.relowner, 'USAGE'), 'owner: ' || pg_get_userbyid(c.relowner)
FROM pg_class c WHERE c.oid = to_regclass({{ sequence | literal }})
