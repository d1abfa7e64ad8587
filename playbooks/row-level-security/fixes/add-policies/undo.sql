{% if add_update %}DROP POLICY {{ update_name }} ON {{ relation }};
{% endif %}{% if add_insert %}
DROP POLICY {{ insert_name }} ON {{ relation }};
{% endif %}{% if add_select %}
DROP POLICY {{ select_name }} ON {{ relation }};
{% endif %}
