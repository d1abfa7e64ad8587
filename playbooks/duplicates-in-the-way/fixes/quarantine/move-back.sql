{% for name in move.paused %}ALTER TABLE {{ relation }} DISABLE TRIGGER {{ name }};

{% endfor %}{% for child in move.children %}{% for name in child.paused if not child.itself %}ALTER TABLE {{ child.table }} DISABLE TRIGGER {{ name }};

{% endfor %}{% endfor %}INSERT INTO {{ relation }} ({{ move.all_columns }}) OVERRIDING SYSTEM VALUE
SELECT {{ move.all_columns }} FROM {{ move.quarantine }};

{% for child in move.children | reverse %}{% if child.pk %}UPDATE {{ child.table }} AS c SET {% for p in child.pairs if p.ref not in key_columns %}{{ p.column }} = r.{{ p.old }}{% if not loop.last %}, {% endif %}{% endfor %}

FROM {{ child.record }} AS r WHERE {% for p in child.pk %}c.{{ p.column }} = r.{{ p.key }}{% if not loop.last %} AND {% endif %}{% endfor %};

DROP TABLE {{ child.record }};

{% endif %}{% endfor %}{% for name in move.paused %}ALTER TABLE {{ relation }} ENABLE TRIGGER {{ name }};

{% endfor %}{% for child in move.children %}{% for name in child.paused if not child.itself %}ALTER TABLE {{ child.table }} ENABLE TRIGGER {{ name }};

{% endfor %}{% endfor %}DROP TABLE {{ move.quarantine }};
