const knex = require('knex')({ client: 'pg' });

async function subscribe(accountId, plan, seats) {
  await knex('subscriptions')
    .insert({ account_id: accountId, plan, seats })
    .onConflict(['account_id', 'plan'])
    .merge(['seats'])
    .where('subscriptions.is_active', true);
}

module.exports = { subscribe };
