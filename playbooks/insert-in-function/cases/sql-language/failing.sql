select add_bookmark(1,1)
