create table users (id serial primary key, email text unique);
insert into users (email) values ('a@x.org');
create table wallets (user_id int primary key references users(id), balance int default 0);
