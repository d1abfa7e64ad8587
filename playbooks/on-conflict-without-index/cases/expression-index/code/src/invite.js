const db = require('./db');

async function invite(email, name) {
  await db.query("INSERT INTO invitees (email, name) VALUES ($1, $2) ON CONFLICT (email) DO UPDATE SET name = EXCLUDED.name", [email, name]);
}

module.exports = { invite };
