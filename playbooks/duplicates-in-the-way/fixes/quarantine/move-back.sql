{% for name in move.paused %}ALTER TABLE {{ relation }} DISABLE TRIGGER {{ name }};

{% endfor %}{% for child in move.children %}{% for name in child.paused if not child.itself %}ALTER TABLE {{ child.table }} DISABLE TRIGGER {{ name }};

{% endfor %}{% endfor %}{% if not move.pk %}ALTER TABLE {{ move.quarantine }} ADD COLUMN fixit_others bigint;

UPDATE {{ move.quarantine }} SET fixit_others = (SELECT count(*) FROM {{ relation }});

{% endif %}INSERT INTO {{ relation }} ({{ move.all_columns }}) OVERRIDING SYSTEM VALUE
SELECT {{ move.all_columns }} FROM {{ move.quarantine }};

{% for child in move.children | reverse %}{% if child.pk %}UPDATE {{ child.table }} AS c SET {% for p in child.pairs if p.ref not in key_columns %}{{ p.column }} = r.{{ p.old }}{% if not loop.last %}, {% endif %}{% endfor %}

FROM {{ child.record }} AS r JOIN {{ move.quarantine }} AS q ON ({{ child.ref_columns | each('q.{}') }}) = ({% for p in child.pairs %}r.{{ p.old }}{% if not loop.last %}, {% endif %}{% endfor %})
WHERE {% for p in child.pk %}c.{{ p.column }} = r.{{ p.key }} AND {% endfor %}({{ child.columns | each('c.{}') }}) = ({% for p in child.pairs %}{% if p.ref in key_columns %}r.{{ p.old }}{% else %}q.{{ p.kept }}{% endif %}{% if not loop.last %}, {% endif %}{% endfor %});

DROP TABLE {{ child.record }};

{% endif %}{% endfor %}{% for name in move.paused %}ALTER TABLE {{ relation }} ENABLE TRIGGER {{ name }};

{% endfor %}{% for child in move.children %}{% for name in child.paused if not child.itself %}ALTER TABLE {{ child.table }} ENABLE TRIGGER {{ name }};

{% endfor %}{% endfor %}{% if move.pk %}DELETE FROM {{ move.quarantine }} AS q USING {{ relation }} AS t
WHERE ({{ move.pk | each('t.{}') }}) = ({{ move.pk | each('q.{}') }})
  AND ROW({{ move.all_columns | each('t.{}') }})::text = ROW({{ move.all_columns | each('q.{}') }})::text;
{% else %}DELETE FROM {{ move.quarantine }}
WHERE fixit_others + (SELECT count(*) FROM {{ move.quarantine }}) = (SELECT count(*) FROM {{ relation }});
{% endif %}
ALTER TABLE {{ move.quarantine }} ADD CONSTRAINT "every row came back" CHECK (false);

DROP TABLE {{ move.quarantine }};
