UPDATE articles SET stock = stock - 1 WHERE id = 3;
