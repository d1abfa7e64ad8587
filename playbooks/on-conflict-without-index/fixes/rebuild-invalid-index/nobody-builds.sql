SELECT 'the index is still invalid and nobody is building it' AS label, bool_and(NOT i.indisvalid) AND NOT EXISTS (
         SELECT FROM pg_stat_progress_create_index p
         WHERE p.datname = current_database() AND p.relid = to_regclass({{ relation | literal }})) AS holds, '' AS detail
FROM pg_index i WHERE i.indexrelid = to_regclass({{ index_name | literal }})
