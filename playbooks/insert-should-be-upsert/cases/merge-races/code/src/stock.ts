import { Pool } from 'pg';

const pool = new Pool();

export async function count(store: number, article: string, pieces: number) {
  await pool.query(
    `MERGE INTO shop_stock t USING (VALUES ($1::int, $2::text, $3::int)) AS s (store, article, pieces)
       ON t.store = s.store AND t.article = s.article
     WHEN MATCHED THEN UPDATE SET pieces = s.pieces
     WHEN NOT MATCHED THEN INSERT (store, article, pieces) VALUES (s.store, s.article, s.pieces)`,
    [store, article, pieces],
  );
}
