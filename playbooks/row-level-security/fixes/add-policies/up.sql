{% for command in commands %}CREATE POLICY {{ command.policy }} ON {{ relation }} AS PERMISSIVE FOR {{ command.name }} TO {{ roles }}{% if command.reads %}
  USING ({% if predicate %}{{ predicate }}{% else %}(SELECT auth.uid()) = {{ owner }}{% endif %}){% endif %}{% if command.writes %}
  WITH CHECK ({% if predicate %}{{ predicate }}{% else %}(SELECT auth.uid()) = {{ owner }}{% endif %}){% endif %};
{% if not loop.last %}
{% endif %}{% endfor %}
