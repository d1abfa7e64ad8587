insert into projects(org_id,slug,title) values ('00000000-0000-0000-0000-00000000000a','web','Other');
