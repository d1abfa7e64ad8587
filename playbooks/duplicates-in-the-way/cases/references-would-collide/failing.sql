alter table artists add constraint artists_name_key unique (name);
