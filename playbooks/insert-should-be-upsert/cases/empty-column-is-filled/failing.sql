INSERT INTO billing_accounts (owner, processor_ref) VALUES ('11111111-1111-4111-8111-00000000000a', 'ref_1');
