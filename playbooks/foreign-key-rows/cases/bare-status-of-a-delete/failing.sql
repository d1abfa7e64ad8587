delete from categories where id = 1;
