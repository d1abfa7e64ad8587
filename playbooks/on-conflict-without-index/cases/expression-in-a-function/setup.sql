create schema hub;
create table hub."EventLog" ("order" int not null, payload jsonb not null, seen int not null default 1, "at" timestamptz not null default now());
create unique index event_ref_uq on hub."EventLog" ("order", (payload->>'ref'));
insert into hub."EventLog" values (1,'{"ref":"a"}');
create function hub.note(o int, p jsonb) returns void language plpgsql set search_path = hub as $$
begin
  insert into "EventLog" ("order", payload) values (o, p)
  on conflict ("order", payload) do update set seen = "EventLog".seen + 1;
end $$;
