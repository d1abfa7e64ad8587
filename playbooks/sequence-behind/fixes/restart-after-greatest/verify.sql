SELECT 'the next id lies beyond every id in the table' AS label,
       coalesce(s.next > t.greatest, true) AS holds,
       'next ' || s.next || ', greatest ' || coalesce(t.greatest::text, 'none') AS detail
FROM (SELECT CASE WHEN is_called THEN last_value::numeric + {{ increment }} ELSE last_value END AS next FROM {{ sequence }}) AS s,
     (SELECT max({{ column }}) AS greatest FROM {{ relation }}) AS t
