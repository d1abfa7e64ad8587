select id from users where email = 'a@x.org';
