SELECT 'the function holds the corrected clause' AS label,
       pg_get_functiondef(to_regprocedure({{ routine_signature | literal }})) = {{ rewritten | literal }} AS holds,
       '' AS detail
