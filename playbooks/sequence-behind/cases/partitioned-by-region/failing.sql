insert into ev(region) values ('eu')
