create table public.categories (id int primary key, name text);
create table public.items (id int primary key, category_id int references public.categories(id));
create table public.rules (id int primary key, category_id int references public.categories(id) on delete set null);
insert into categories values (1,'a'); insert into items values (1,1);
