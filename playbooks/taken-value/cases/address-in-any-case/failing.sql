UPDATE app.account SET email = 'ada@example.org' WHERE email = 'grace@example.org';
