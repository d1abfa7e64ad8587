create table seats (id serial primary key, event_id int not null, seat text not null, constraint seats_uq unique (event_id, seat) deferrable);
create function hold(e int, s text) returns void language plpgsql as $$
begin
  insert into seats(event_id, seat) values (e, s) on conflict do nothing;
end $$;
