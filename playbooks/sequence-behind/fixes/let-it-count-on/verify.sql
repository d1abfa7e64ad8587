SELECT 'the sequence goes on to ' || {{ limit }} AS label, q.seq{% if down %}min{% else %}max{% endif %} = {{ limit }} AS holds, '' AS detail
FROM pg_sequence q WHERE q.seqrelid = to_regclass({{ sequence | literal }})
