import { Pool } from 'pg';
import { supabase } from './client';

const pool = new Pool();

export async function rename(tags: { name: string; color: string }[]) {
  const byName = new Map(tags.map((t) => [t.name, t]));
  await supabase.from('tags').upsert([...byName.values()]);
}

export async function paint(names: string[], color: string) {
  await supabase.from('tags').upsert([...new Set(names)].map((name) => ({ name, color })));
}

export async function collect(tags: { name: string; color: string }[]) {
  const seen = new Set<string>();
  const rows: { name: string; color: string }[] = [];
  for (const tag of tags) {
    if (seen.has(tag.name)) continue;
    seen.add(tag.name);
    rows.push({ name: tag.name, color: tag.color });
  }
  await supabase.from('tags').upsert(rows);
}

export async function defaults() {
  await supabase.from('tags').upsert([
    { name: 'red', color: '#f00' },
    { name: 'green', color: '#0f0' },
  ]);
}

export async function load(names: string[]) {
  await pool.query(
    'INSERT INTO tags (name) SELECT unnest($1::text[]) ON CONFLICT (name) DO UPDATE SET color = NULL',
    [Array.from(new Set(names))],
  );
}

export async function leaveAlone(rows: { name: string }[]) {
  await supabase.from('tags').upsert(rows, { ignoreDuplicates: true });
}
