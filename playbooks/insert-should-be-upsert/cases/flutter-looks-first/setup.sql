create table public.tags (id uuid primary key default gen_random_uuid(), name text not null unique, created_at timestamptz default now());
insert into tags(name) values ('sql');
