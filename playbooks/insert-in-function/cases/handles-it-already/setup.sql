create table public.handled (user_id int, url_id int, primary key (user_id, url_id));
create function add_handled(u int, l int) returns void language plpgsql as $$
begin
  insert into public.handled (user_id, url_id) values (u, l);
exception when unique_violation then
  null;
end $$;
create function add_other(u int, l int) returns void language plpgsql as $$
begin
  insert into public.handled (user_id, url_id) values (u, l) on conflict (user_id, url_id) do nothing;
end $$;
