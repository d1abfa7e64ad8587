insert into tags (name) values ('sql') ON CONFLICT (name) DO NOTHING;
