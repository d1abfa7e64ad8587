DROP INDEX {{ index_name }};
