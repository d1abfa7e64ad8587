SELECT 'the trigger is off' AS label, t.tgenabled = 'D' AS holds, '' AS detail
FROM pg_trigger t WHERE t.tgrelid = to_regclass({{ outer | literal }}) AND t.tgname = {{ trigger | text | literal }}
