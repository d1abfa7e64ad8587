create table public.products (id uuid primary key default gen_random_uuid(), sku text not null constraint products_sku_uq unique, name text);
create table public.prices (id bigserial primary key, product_id uuid references public.products(id) on update cascade on delete cascade, amount int);
create table public.order_lines (id bigserial primary key, product_id uuid not null references public.products(id), qty int);
create table public.reviews (id bigserial primary key, product_id uuid not null references public.products(id), stars int);
insert into products(id,sku) values ('00000000-0000-0000-0000-0000000000c1','A1');
insert into reviews(product_id,stars) values ('00000000-0000-0000-0000-0000000000c1',5);
