import { Pool } from 'pg'

const pool = new Pool()

export async function savePost(authorId: string, slug: string, body: string) {
  await pool.query(
    `INSERT INTO bystanders.posts (author_id, slug, body) VALUES ($1, $2, $3)
     ON CONFLICT (author_id, slug) DO UPDATE SET body = EXCLUDED.body`,
    [authorId, slug, body],
  )
}

export async function pin(authorId: string, postId: number) {
  await pool.query(
    `INSERT INTO bystanders.pins (author_id, post_id) VALUES ($1, $2)
     ON CONFLICT (author_id, post_id) WHERE NOT removed DO NOTHING`,
    [authorId, postId],
  )
}

export async function chooseNickname(authorId: string, nickname: string) {
  try {
    await pool.query('UPDATE bystanders.authors SET nickname = $2 WHERE id = $1', [authorId, nickname])
  } catch (error: any) {
    if (error.code === '23505') {
      return { taken: true }
    }
    throw error
  }
  return { taken: false }
}

export async function publish(postId: number) {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query('UPDATE bystanders.posts SET published = true WHERE id = $1', [postId])
    await client.query("INSERT INTO bystanders.journal (entry) VALUES ('published')")
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}
