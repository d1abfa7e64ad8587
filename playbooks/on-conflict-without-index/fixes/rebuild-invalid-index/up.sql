{% if beside %}REINDEX INDEX CONCURRENTLY {{ index_name }};
{% else %}DROP INDEX {{ index_name }};

{{ index_definition }};
{% endif %}