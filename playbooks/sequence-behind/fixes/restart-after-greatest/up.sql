LOCK TABLE {{ relation }} IN SHARE ROW EXCLUSIVE MODE;

ALTER SEQUENCE {{ sequence }} RESTART WITH {{ restart }};
