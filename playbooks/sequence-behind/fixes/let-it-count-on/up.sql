ALTER SEQUENCE {{ sequence }} AS {{ type }} {% if down %}MINVALUE{% else %}MAXVALUE{% endif %} {{ limit }};
