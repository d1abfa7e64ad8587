INSERT INTO ledger.reversals (amount) VALUES (9);
