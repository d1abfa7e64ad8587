const { db } = require('./db');

async function book(showId, row, guest) {
  await db.seat.upsert({
    where: { showId_row: { showId, row } },
    create: { showId, row, guest },
    update: { guest },
  });
}

module.exports = { book };
