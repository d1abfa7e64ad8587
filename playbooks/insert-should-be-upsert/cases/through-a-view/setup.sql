create table base_prefs (user_id int primary key, theme text);
create view prefs as select user_id, theme from base_prefs;
insert into base_prefs values (1,'x');
