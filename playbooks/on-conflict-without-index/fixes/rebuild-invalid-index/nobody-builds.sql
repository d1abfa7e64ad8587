SELECT 'the index is still invalid and nobody is building it' AS label, bool_and(NOT i.indisvalid) AND NOT EXISTS (
         SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = to_regclass({{ index_name | literal }})) AS holds, '' AS detail
FROM pg_index i WHERE i.indexrelid = to_regclass({{ index_name | literal }})
