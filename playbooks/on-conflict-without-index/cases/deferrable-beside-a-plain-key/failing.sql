SELECT rank_in(1, 2, 'b');
