ALTER TABLE {{ outer }} DISABLE TRIGGER {{ trigger }};
