create table public.price_tiers (
  code text primary key,
  label text not null,
  monthly_cents integer not null
);
insert into public.price_tiers (code, label, monthly_cents) values ('solo', 'Solo', 900);
