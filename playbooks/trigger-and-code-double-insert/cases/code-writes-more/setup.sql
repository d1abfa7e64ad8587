ALTER TABLE module_unlocks ADD COLUMN unlocked_by text;
