import express from 'express'
import Stripe from 'stripe'
import { pool } from '../db'

export const router = express.Router()

router.post('/webhooks/stripe', async (req, res) => {
  const event = req.body as Stripe.Event
  const seen = await pool.query('select 1 from processed_events where event_id = $1', [event.id])
  if (seen.rowCount) return res.sendStatus(200)

  await pool.query('insert into processed_events (event_id) values ($1)', [event.id])
  if (event.type === 'payment_intent.succeeded') {
    await pool.query('insert into payments (amount) values ($1)', [(event.data.object as any).amount])
  }
  res.sendStatus(200)
})
