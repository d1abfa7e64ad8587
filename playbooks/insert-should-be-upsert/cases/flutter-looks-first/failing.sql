insert into tags (name) values ('sql');
