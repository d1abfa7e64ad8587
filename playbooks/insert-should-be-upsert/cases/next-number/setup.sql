create table invoices (id serial primary key, org_id int not null, number int not null, total int, unique (org_id, number));
insert into invoices(org_id, number) values (1,1);
