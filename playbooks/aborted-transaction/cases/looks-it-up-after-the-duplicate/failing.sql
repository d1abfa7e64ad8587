insert into users (email) values ('a@x.org') returning id;
