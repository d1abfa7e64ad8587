SELECT 'the index is valid' AS label, bool_and(i.indisvalid AND i.indisready AND i.indisunique) AS holds, '' AS detail
FROM pg_index i WHERE i.indexrelid = to_regclass({{ index_name | literal }})
