DROP INDEX {{ index_name }};

{{ index_definition }};
