INSERT INTO shop.articles VALUES (1, 'Tea');
