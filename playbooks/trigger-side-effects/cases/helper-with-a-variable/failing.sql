UPDATE vehicles SET "plateNumber" = 'B-AB 2' WHERE id = 1;
