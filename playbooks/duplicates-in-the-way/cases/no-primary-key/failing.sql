CREATE UNIQUE INDEX ON settings (name, scope);
