SET CONSTRAINTS ALL IMMEDIATE;

LOCK TABLE {{ relation }}{% for child in move.children %}{% if not child.itself %}, {{ child.table }}{% endif %}{% endfor %} IN SHARE ROW EXCLUSIVE MODE;
