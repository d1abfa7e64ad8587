SELECT app.lease_unit(4, 'Kim');
