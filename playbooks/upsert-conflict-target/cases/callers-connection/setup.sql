create table seat_map (show_id int not null, seat text not null, unique (show_id, seat));
