SELECT 'the key covers live rows only' AS label,
       EXISTS (SELECT FROM pg_index i WHERE i.indexrelid = to_regclass({{ key_name | literal }})
                 AND i.indrelid = to_regclass({{ relation | literal }})
                 AND i.indisunique AND i.indisvalid AND i.indisready
                 AND position(quote_ident({{ mark | text | literal }}) IN coalesce(pg_get_expr(i.indpred, i.indrelid), '')) > 0) AS holds,
       '' AS detail
UNION ALL
SELECT 'the key over all rows is gone', to_regclass({{ building_name | literal }}) IS NULL
       AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = to_regclass({{ key_name | literal }})), ''
