import { expect, it } from 'vitest'
import { fuzz } from './fuzz.js'

const SEED = 20_250

// `npm run fuzz` does the same for longer.
it('whatever is sent, in whatever state: the router lives on, and nobody else notices', async () => {
  const { inputs, answers } = await fuzz({ seed: SEED, inputs: 2_000 })
  expect(inputs).toBeGreaterThanOrEqual(2_000)
  // It came to all states, and to the router's answers.
  for (const answer of [
    'HTTP 101',
    'HTTP 400',
    'message 2',
    'message 4',
    'message 50',
    'message 68',
    'close 1002',
    'RawSocket',
    'RawSocket refusal 3',
    'RawSocket PONG',
    'long-poll 200',
    'long-poll 202',
    'long-poll 400',
    'long-poll 404',
    'long-poll 410',
  ])
    expect(answers.get(answer), answer).toBeGreaterThan(0)
}, 60_000)
