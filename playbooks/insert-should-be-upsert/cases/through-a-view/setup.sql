create table base_prefs (id uuid primary key, user_id int unique, theme text, created_at timestamptz);
create view prefs as select id, user_id, theme, created_at from base_prefs;
insert into base_prefs values (gen_random_uuid(), 1, 'x');
