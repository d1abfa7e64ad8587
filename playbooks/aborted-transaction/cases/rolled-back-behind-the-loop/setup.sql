create table parts (id serial primary key, code text unique);
create table stock (part_id int, qty int);
