ALTER TABLE {{ outer }} ENABLE TRIGGER {{ trigger }};
