DROP INDEX {{ schema }}.{{ index }};

INSERT INTO {{ relation }} ({{ all_columns }}) OVERRIDING SYSTEM VALUE
SELECT {{ all_columns }} FROM {{ quarantine }};

DROP TABLE {{ quarantine }};
