CREATE UNIQUE INDEX ON crm."Contact Points" ("orgId", "Value");
