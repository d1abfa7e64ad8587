{% if add_select %}CREATE POLICY {{ select_name }} ON {{ relation }} AS PERMISSIVE FOR SELECT TO {{ roles }}
  USING ({% if predicate %}{{ predicate }}{% else %}(SELECT auth.uid()) = {{ owner }}{% endif %});
{% endif %}{% if add_insert %}
CREATE POLICY {{ insert_name }} ON {{ relation }} AS PERMISSIVE FOR INSERT TO {{ roles }}
  WITH CHECK ({% if predicate %}{{ predicate }}{% else %}(SELECT auth.uid()) = {{ owner }}{% endif %});
{% endif %}{% if add_update %}
CREATE POLICY {{ update_name }} ON {{ relation }} AS PERMISSIVE FOR UPDATE TO {{ roles }}
  USING ({% if predicate %}{{ predicate }}{% else %}(SELECT auth.uid()) = {{ owner }}{% endif %})
  WITH CHECK ({% if predicate %}{{ predicate }}{% else %}(SELECT auth.uid()) = {{ owner }}{% endif %});
{% endif %}
