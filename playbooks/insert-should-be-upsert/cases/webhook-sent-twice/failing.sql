insert into processed_events (event_id) values ('evt_1');
