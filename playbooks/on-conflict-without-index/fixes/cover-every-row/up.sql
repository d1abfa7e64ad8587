CREATE UNIQUE INDEX {{ whole_name }} ON {{ relation }} ({{ columns }});
