create table bookmarks (user_id int, url_id int, primary key (user_id, url_id));
insert into bookmarks values (1,1);
create function add_bookmark(u int, l int) returns void language sql as $$
  insert into bookmarks (user_id, url_id) values (u, l);
$$;
