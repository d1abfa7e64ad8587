SET LOCAL plan_cache_mode = force_generic_plan;
PREPARE offered (int, text, int) AS insert into offers (item_id, status, price) values ($1, $2, $3) on conflict (item_id) where status = 'open'::text do update set price = excluded.price;
EXECUTE offered (1, 'open', 5);
