import type { Knex } from 'knex'

export class SeatStore {
  constructor(private db: Knex) {}

  async replace(showId: number, seats: string[]) {
    await this.db('seat_map').where({ show_id: showId }).del()
    for (const seat of seats) await this.db('seat_map').insert({ show_id: showId, seat })
  }
}
