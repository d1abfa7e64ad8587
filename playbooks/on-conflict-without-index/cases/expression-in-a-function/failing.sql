SELECT hub.note(1, '{"ref": "a"}');
