INSERT INTO cart_items (user_id, product_id, variant_id, quantity) VALUES ('00000000-0000-4000-8000-000000000001', 1, NULL, 4)
ON CONFLICT (user_id, product_id, variant_id) DO UPDATE SET quantity = EXCLUDED.quantity;
SELECT (SELECT quantity FROM cart_items WHERE user_id = '00000000-0000-4000-8000-000000000001' AND product_id = 1 AND variant_id IS NULL);
