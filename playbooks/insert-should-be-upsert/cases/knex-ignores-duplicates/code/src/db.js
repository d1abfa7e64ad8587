const knex = require('knex');

module.exports = { db: knex({ client: 'pg', connection: process.env.DATABASE_URL }) };
