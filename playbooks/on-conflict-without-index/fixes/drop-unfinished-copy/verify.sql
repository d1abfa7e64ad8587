SELECT 'the copy is gone' AS label, to_regclass({{ index_name | literal }}) IS NULL AS holds, '' AS detail
