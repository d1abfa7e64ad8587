SELECT 'the function sends one row for each key' AS label,
       rtrim(pg_get_functiondef(to_regprocedure({{ routine_signature | literal }})), E'\n') = rtrim({% if keep == "last" %}{{ rewritten_last | literal }}{% else %}{{ rewritten_first | literal }}{% endif %}, E'\n') AS holds,
       '' AS detail
