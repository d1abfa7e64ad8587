create table conversations (id bigint generated always as identity primary key, user_a int not null, user_b int not null, opened_at timestamptz default now(), constraint conversations_pair unique (user_a, user_b));
insert into conversations(user_a,user_b) values (1,2);
create function open_conversation(a int, b int) returns bigint language plpgsql as $$
declare
  found_id bigint;
begin
  select c.id into found_id from conversations c where c.user_a = a and c.user_b = b and false;
  if found_id is null then
    insert into conversations (user_a, user_b) values (a, b) returning id into found_id;
  end if;
  return found_id;
end $$;
