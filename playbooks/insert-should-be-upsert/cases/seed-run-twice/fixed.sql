INSERT INTO public.price_tiers (code, label, monthly_cents) VALUES ('solo', 'Solo', 900), ('team', 'Team', 29 * 100) ON CONFLICT (code) DO NOTHING;
