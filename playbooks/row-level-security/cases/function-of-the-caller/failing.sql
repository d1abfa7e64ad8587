SELECT star(1, 5);
