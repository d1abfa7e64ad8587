SELECT acct.set_rate('south', 0.20);
SELECT acct.set_rate('south', 0.21);
SELECT (SELECT rate FROM acct.rates WHERE region = 'south' AND period IS NULL);
