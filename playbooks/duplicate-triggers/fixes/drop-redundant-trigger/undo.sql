{{ trigger_definition }};
{% if redundant_always %}
ALTER TABLE {{ outer }} ENABLE ALWAYS TRIGGER {{ redundant }};
{% endif %}
