SELECT 'one of the two triggers is left' AS label, count(*) = 1 AS holds, coalesce(string_agg(t.tgname, ', '), '') AS detail
FROM pg_trigger t WHERE t.tgrelid = to_regclass({{ outer | literal }}) AND t.tgname IN ({{ kept | text | literal }}, {{ redundant | text | literal }})
