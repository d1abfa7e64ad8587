SET lock_timeout = '5s';
ALTER TABLE crm."Contact Points"
  ADD UNIQUE ("orgId", "Value");
