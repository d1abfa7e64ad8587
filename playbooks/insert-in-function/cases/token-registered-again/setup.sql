create table device_tokens (user_id int not null, token text not null, platform text, primary key (user_id, token));
insert into device_tokens values (1,'t','ios');
create function register_token(p_user int, p_token text, p_platform text) returns void language plpgsql as $$
begin
  insert into device_tokens(user_id, token, platform) values (p_user, p_token, p_platform);
end $$;
