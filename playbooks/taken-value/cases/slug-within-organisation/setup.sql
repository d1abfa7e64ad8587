create table public.orgs (id uuid primary key default gen_random_uuid(), name text);
create table public.projects (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references public.orgs(id),
  slug text not null,
  title text not null,
  constraint projects_org_slug_unique unique (org_id, slug)
);
insert into orgs(id,name) values ('00000000-0000-0000-0000-00000000000a','o');
insert into projects(org_id,slug,title) values ('00000000-0000-0000-0000-00000000000a','web','Web');
