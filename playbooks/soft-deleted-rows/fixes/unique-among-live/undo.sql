DROP INDEX {{ key_name }};

{% if constraint %}ALTER TABLE {{ relation }} ADD CONSTRAINT {{ constraint }} {{ constraint_definition }};
{% else %}{{ definition }};
{% endif %}
