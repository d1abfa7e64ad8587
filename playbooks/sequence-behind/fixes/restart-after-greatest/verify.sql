{% for one in fed %}SELECT 'the next id lies beyond every ' || {{ one.column | text | literal }} || ' of ' || {{ one.table | literal }} AS label,
       coalesce(s.next {% if down %}<{% else %}>{% endif %} t.farthest, true) AS holds,
       'next ' || s.next || ', {% if down %}least{% else %}greatest{% endif %} ' || coalesce(t.farthest::text, 'none') AS detail
FROM (SELECT CASE WHEN is_called THEN last_value::numeric + {{ increment }} ELSE last_value END AS next FROM {{ sequence }}) AS s,
     (SELECT {% if down %}min{% else %}max{% endif %}({{ one.column }}) AS farthest FROM {% if one.only %}ONLY {% endif %}{{ one.table }}) AS t
{% if not loop.last %}UNION ALL
{% endif %}{% endfor %}
