DROP INDEX {{ schema }}.{{ whole_name }};
