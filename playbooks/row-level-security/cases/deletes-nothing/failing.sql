DELETE FROM tasks WHERE id = 1;
SELECT 1 / (1 - (SELECT count(*) FROM tasks WHERE id = 1));
