create table playlist_tracks (playlist_id int not null, position int not null, track_id int not null, constraint playlist_pos unique (playlist_id, position));
insert into playlist_tracks values (1,1,10),(1,2,11);
