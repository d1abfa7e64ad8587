create table public.event_attendees (event_id uuid not null, user_id uuid not null, rsvp text not null default 'yes', answers int not null default 1, primary key (event_id, user_id));
insert into event_attendees values ('00000000-0000-0000-0000-0000000000e1','00000000-0000-0000-0000-000000000001','yes');
create function public.rsvp(p_event uuid, p_user uuid, p_rsvp text) returns void language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select 1 from public.event_attendees a where a.event_id = p_event and a.user_id = p_user) then
    insert into public.event_attendees (event_id, user_id, rsvp, answers)
    values (p_event, p_user, p_rsvp, 1);
  else
    update public.event_attendees set rsvp = p_rsvp, answers = answers + 1 where event_id = p_event and user_id = p_user;
  end if;
end $$;
