  SELECT d.*, row_number() OVER w AS fixit_place{% for k in move.kept %},
         first_value(d.{{ k.column }}) OVER w AS {{ k.name }}{% endfor %}
  FROM (
    SELECT t.ctid AS fixit_ctid, t.tableoid AS fixit_tableoid, t.*,
           dense_rank() OVER (ORDER BY {{ columns }}) AS fixit_group, count(*) OVER (PARTITION BY {{ columns }}) AS fixit_size
    FROM {{ relation }} AS t
    WHERE ({% if predicate %}{{ predicate }}{% else %}true{% endif %}){% if not nulls_not_distinct %} AND ({{ columns }}) IS NOT NULL{% endif %}
  ) AS d
  {% if keep == "most-referenced" %}{% for child in move.children %}LEFT JOIN (
    SELECT {{ child.columns }}, count(*) AS fixit_count FROM {{ child.table }} GROUP BY {{ child.columns }}
  ) AS {{ child.alias }} ON ({{ child.ref_columns | each('d.{}') }}) = ({% for p in child.pairs %}{{ child.alias }}.{{ p.column }}{% if not loop.last %}, {% endif %}{% endfor %})
  {% endfor %}{% endif %}WHERE d.fixit_size > 1
  WINDOW w AS (PARTITION BY d.fixit_group ORDER BY {% if keep == "newest" and move.age %}d.{{ move.age }} DESC NULLS LAST, {% elif keep == "oldest" and move.age %}d.{{ move.age }} ASC NULLS LAST, {% elif keep == "most-referenced" and move.children %}{% for child in move.children %}coalesce({{ child.alias }}.fixit_count, 0){% if not loop.last %} + {% endif %}{% endfor %} DESC, {% endif %}{% if keep == "newest" or keep == "highest" %}{% if move.pk %}{{ move.pk | each('d.{} DESC') }}, {% endif %}d.fixit_ctid DESC{% else %}{% if move.pk %}{{ move.pk | each('d.{} ASC') }}, {% endif %}d.fixit_ctid ASC{% endif %})
