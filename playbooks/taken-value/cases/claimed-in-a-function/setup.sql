create table public.handles (user_id uuid primary key, handle text not null unique);
insert into handles values ('00000000-0000-0000-0000-000000000001','ann');
create function public.claim_handle(p_user uuid, p_handle text) returns void language plpgsql as $$
begin
  insert into public.handles(user_id, handle) values (p_user, p_handle);
end $$;
