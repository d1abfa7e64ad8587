DROP INDEX {{ schema }}.{{ index }};
