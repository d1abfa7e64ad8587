-- What every branch needs; "supabase db reset" and the staging job run it.
update public.price_tiers set label = 'Solo; for one' where code = 'solo' and label = 'solo';

-- The tiers of the pricing page,
-- don't forget the copy in docs/.
insert into public.price_tiers (code, label, monthly_cents) values
  ('solo', 'Solo', 900),
  ('team', 'Team', 29 * 100);
