SELECT stock.count_up(1, 'a-1');
