{% for command in commands | reverse %}DROP POLICY {{ command.policy }} ON {{ relation }};
{% if not loop.last %}
{% endif %}{% endfor %}
