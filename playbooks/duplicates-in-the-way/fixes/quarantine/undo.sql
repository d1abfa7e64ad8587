{% include "duplicates-in-the-way/quarantine/hold.sql" %}

{% if make == "constraint" %}ALTER TABLE {{ relation }} DROP CONSTRAINT {{ index }};
{% elif make == "index" %}DROP INDEX {{ schema }}.{{ index }};
{% endif %}
{% include "duplicates-in-the-way/quarantine/move-back.sql" %}
