insert into tags (name) values ('sql') ON CONFLICT (name) DO UPDATE SET name = EXCLUDED.name;
