SELECT 'a valid unique index can be the arbiter' AS label,
       EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
               WHERE i.indrelid = to_regclass({{ relation | literal }}) AND c.relname = {{ whole_name | text | literal }}
                 AND i.indisunique AND i.indisvalid AND i.indisready AND i.indimmediate AND i.indpred IS NULL) AS holds,
       '' AS detail
