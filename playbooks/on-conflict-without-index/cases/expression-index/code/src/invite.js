const db = require('./db');

async function invite(eventId, email, name) {
  await db.query("INSERT INTO invitees (event_id, email, name) VALUES ($1, $2, $3) ON CONFLICT (event_id, email) DO UPDATE SET name = EXCLUDED.name", [eventId, email, name]);
}

module.exports = { invite };
