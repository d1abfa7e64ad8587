DROP INDEX {% if beside %}CONCURRENTLY {% endif %}{{ schema }}.{{ index }};
