INSERT INTO subscriptions (account_id, plan, seats) VALUES (1, 'team', 5) ON CONFLICT (account_id, plan) DO UPDATE SET seats = EXCLUDED.seats;
