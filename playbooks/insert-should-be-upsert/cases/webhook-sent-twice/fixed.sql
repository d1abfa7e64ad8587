insert into processed_events (event_id) values ('evt_1') ON CONFLICT (event_id) DO NOTHING;
