CREATE TABLE public.price_tiers (
  code text PRIMARY KEY,
  label text NOT NULL,
  monthly_cents integer NOT NULL
);
INSERT INTO public.price_tiers VALUES ('solo', 'Solo', 900), ('team', 'Team', 2900);
