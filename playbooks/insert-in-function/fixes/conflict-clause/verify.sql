SELECT 'the function holds the conflict clause' AS label,
       rtrim(pg_get_functiondef(to_regprocedure({{ routine_signature | literal }})), E'\n') = rtrim({{ rewritten | literal }}, E'\n') AS holds,
       '' AS detail
