UPDATE profiles SET name = 'Countess' WHERE id = '11111111-1111-4111-8111-000000000001';
SELECT 1 / (SELECT count(*) FROM profiles WHERE name = 'Countess');
