create table processed_events (event_id text primary key, received_at timestamptz default now());
create table payments (id bigserial primary key, amount int);
insert into processed_events(event_id) values ('evt_1');
