{% for one in fed %}LOCK TABLE {% if one.only %}ONLY {% endif %}{{ one.table }} IN SHARE ROW EXCLUSIVE MODE;
{% endfor %}
ALTER SEQUENCE {{ sequence }} RESTART WITH {{ restart }};
