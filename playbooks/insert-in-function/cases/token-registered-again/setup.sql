create table device_tokens (user_id int not null, token text not null, platform text, primary key (user_id, token));
insert into device_tokens values (1,'t','ios');
-- Its parameters have the names of columns.
create function register_token(user_id int, token text, platform text) returns void language plpgsql as $$
begin
  insert into device_tokens(user_id, token, platform) values (register_token.user_id, register_token.token, register_token.platform);
end $$;
