INSERT INTO student_course_purchases (student_id, course_id, amount_cents, payment_ref, is_active)
VALUES ('6d0c3c54-2f6f-4a52-9a3e-000000000003', 9, 2900, 'pay_1099', true)
ON CONFLICT (student_id, course_id) WHERE is_active = true
DO UPDATE SET payment_ref = EXCLUDED.payment_ref
RETURNING id;
