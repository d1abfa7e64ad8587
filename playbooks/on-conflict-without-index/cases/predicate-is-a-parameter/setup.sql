create table offers (id serial primary key, item_id int not null, status text not null, price int);
create unique index offers_open on offers(item_id) where status = 'open';
