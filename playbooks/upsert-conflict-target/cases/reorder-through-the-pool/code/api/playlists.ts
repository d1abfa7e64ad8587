import { pool } from './pool'

export async function reorder(playlistId: number, trackIds: number[]) {
  await pool.query('DELETE FROM playlist_tracks WHERE playlist_id = $1', [playlistId])
  for (const [i, trackId] of trackIds.entries()) {
    await pool.query(
      'INSERT INTO playlist_tracks (playlist_id, position, track_id) VALUES ($1, $2, $3)',
      [playlistId, i + 1, trackId],
    )
  }
}
