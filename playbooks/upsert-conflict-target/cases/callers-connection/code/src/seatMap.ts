import type { PoolClient } from 'pg'
export async function rewriteSeatMap(client: PoolClient, showId: number, seats: string[]) {
  await client.query('DELETE FROM seat_map WHERE show_id = $1', [showId])
  for (const seat of seats) await client.query('INSERT INTO seat_map (show_id, seat) VALUES ($1, $2)', [showId, seat])
}
