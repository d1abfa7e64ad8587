{# Constraints of partitions go with the index that theirs has become a part of; no other table's key may go along. #}
DROP INDEX {% if beside %}CONCURRENTLY {% endif %}{{ schema }}.{{ index }}{% if leaves | selectattr('constraint') | list and not leaves | selectattr('referenced') | list %} CASCADE{% endif %};
{% for leaf in leaves %}{% if leaf.constraint %}ALTER TABLE {{ leaf.table }} ADD CONSTRAINT {{ leaf.name }} {{ leaf.constraint }}{% else %}{{ leaf.definition }}{% endif %};
{% endfor %}