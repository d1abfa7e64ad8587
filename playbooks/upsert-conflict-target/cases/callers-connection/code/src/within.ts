import type { Knex } from 'knex'
import { SeatStore } from './store'

export const within = <T>(db: Knex, run: (seats: SeatStore) => Promise<T>) =>
  db.transaction(async (trx) => run(new SeatStore(trx)))
