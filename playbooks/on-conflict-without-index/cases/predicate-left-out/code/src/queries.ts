// What the services send, in one place.
export const UPSERT_SUBSCRIPTION = `
  INSERT INTO subscriptions (account_id, plan, seats) VALUES ($1, $2, $3)
  ON CONFLICT (account_id, plan) DO UPDATE SET seats = EXCLUDED.seats
`;
