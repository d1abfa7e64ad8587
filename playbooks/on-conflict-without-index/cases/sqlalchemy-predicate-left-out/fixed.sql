INSERT INTO subscriptions (account_id, plan, seats) VALUES (1, 'team', 5) ON CONFLICT (account_id, plan) WHERE is_active DO UPDATE SET seats = EXCLUDED.seats;
