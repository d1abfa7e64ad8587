SELECT 'the key is checked at once' AS label, NOT c.condeferrable AS holds, '' AS detail
FROM pg_constraint c WHERE c.conrelid = to_regclass({{ relation | literal }}) AND c.conname = {{ constraint | text | literal }}
