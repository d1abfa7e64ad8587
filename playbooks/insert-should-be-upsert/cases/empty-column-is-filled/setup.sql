CREATE TABLE billing_accounts (owner uuid PRIMARY KEY, processor_ref text);
ALTER TABLE billing_accounts ENABLE ROW LEVEL SECURITY;
INSERT INTO billing_accounts (owner) VALUES ('11111111-1111-4111-8111-00000000000a');
