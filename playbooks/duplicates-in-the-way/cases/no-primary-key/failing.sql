create unique index on settings (name, scope);
