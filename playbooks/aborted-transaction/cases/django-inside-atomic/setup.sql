create table guests (id serial primary key, event_id int not null, email text not null, constraint guests_event_email unique (event_id, email));
create table invitations (id serial primary key, event_id int not null, sent int not null);
insert into guests(event_id,email) values (1,'a@x.org');
